use super::*;
use crate::testing::{Authority, Validity, quick, round_trip, tls_echo};
use crate::{DialConfig, Dialer, Endpoint, Security};

/// What stands in under wine and on systems without certificates.
#[tokio::test]
async fn the_bundled_roots_with_an_extra_one_carry_a_connection() {
    let authority = Authority::new();
    let address = tls_echo(authority.acceptor("127.0.0.1", Validity::Now)).await;
    let dial = |roots: Vec<CertificateDer<'static>>| async move {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = client_config(&[]).unwrap();
        config
            .dangerous()
            .set_certificate_verifier(bundled_verifier(&roots, provider).unwrap());
        let mut dialer = Dialer::new(DialConfig { ..quick() }).unwrap();
        dialer.tls = Arc::new(config);
        dialer
            .dial(&Endpoint::new("127.0.0.1", address.port()), Security::Tls)
            .await
    };
    round_trip(&mut dial(vec![authority.root()]).await.unwrap(), "trusted").await;
    let error = dial(Vec::new()).await.unwrap_err();
    assert!(
        matches!(
            error,
            DialError::Certificate {
                problem: CertificateProblem::UnknownIssuer,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn revocation_and_a_useless_certificate_have_their_names() {
    for (error, expected) in [
        (CertificateError::Revoked, CertificateProblem::Revoked),
        (CertificateError::BadEncoding, CertificateProblem::Invalid),
        (CertificateError::BadSignature, CertificateProblem::Invalid),
    ] {
        let wrapped = std::io::Error::other(rustls::Error::InvalidCertificate(error));
        match explain("mail.example.com", &wrapped) {
            DialError::Certificate { problem, .. } => assert_eq!(problem, expected),
            other => panic!("{other:?}"),
        }
    }
}
