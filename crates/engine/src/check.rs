//! The account test's outcome in the api's terms.

use qiyou_api::{AccountSettings, Cause, CauseCode, CheckReport, CheckStep};
use qiyou_net::CertificateProblem;
use qiyou_signin::{Report, Step};

/// A step as clients see it.
pub(crate) fn step(step: Step) -> CheckStep {
    match step {
        Step::ImapConnect => CheckStep::ImapConnect,
        Step::ImapSignIn => CheckStep::ImapSignIn,
        Step::ImapInbox => CheckStep::ImapInbox,
        Step::SmtpConnect => CheckStep::SmtpConnect,
        Step::SmtpSignIn => CheckStep::SmtpSignIn,
        Step::Done => CheckStep::Done,
    }
}

fn code(cause: qiyou_signin::Cause) -> CauseCode {
    use qiyou_signin::Cause as C;
    match cause {
        C::Dns => CauseCode::Dns,
        C::Tcp => CauseCode::Tcp,
        C::Timeout => CauseCode::Timeout,
        C::Proxy => CauseCode::Proxy,
        C::ProxyAuth => CauseCode::ProxyAuth,
        C::Tls => CauseCode::Tls,
        C::Certificate(problem) => certificate(problem),
        C::PlaintextForbidden => CauseCode::PlaintextForbidden,
        C::Password => CauseCode::Password,
        C::AuthorizationCodeNeeded => CauseCode::AuthorizationCode,
        C::OAuthNeeded | C::OAuthRefused => CauseCode::OauthExpired,
        C::ImapDisabled => CauseCode::ImapDisabled,
        C::UnsafeLogin => CauseCode::UnsafeLogin,
        C::TooManyConnections => CauseCode::TooManyConnections,
        C::SmtpRefused => CauseCode::SmtpRefused,
        C::Disconnected => CauseCode::Disconnected,
        C::ServerSaid => CauseCode::ServerSaid,
    }
}

/// What is wrong with a certificate, as clients see it.
pub(crate) fn certificate(problem: CertificateProblem) -> CauseCode {
    match problem {
        CertificateProblem::Expired | CertificateProblem::NotYetValid => CauseCode::CertificateExpired,
        CertificateProblem::UnknownIssuer => CauseCode::CertificateUnknown,
        CertificateProblem::WrongName => CauseCode::CertificateName,
        CertificateProblem::Revoked | CertificateProblem::Invalid => CauseCode::CertificateOther,
    }
}

/// The report; `settings` are those that were tried last.
pub(crate) fn report(report: &Report, settings: AccountSettings) -> CheckReport {
    let failure = report.failure.as_ref().map(|failure| Cause {
        code: code(failure.cause),
        step: step(failure.step),
        host: failure.host.clone(),
        port: failure.port,
        detail: failure.detail.clone(),
    });
    CheckReport {
        failure,
        inbox_messages: report.inbox_messages,
        settings,
    }
}
