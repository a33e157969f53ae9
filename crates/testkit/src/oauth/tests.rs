use super::*;

const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";

struct Asked {
    redirect: String,
    code: String,
}

/// Visits the page with a redirect address where nobody listens, and takes the code out of the redirect.
async fn code(issuer: &Issuer) -> Asked {
    let redirect = "http://127.0.0.1:9".to_owned();
    let challenge = BASE64.encode(Sha256::digest(VERIFIER));
    let path = format!(
        "/authorize?response_type=code&client_id=qiyou-test&redirect_uri={redirect}&scope=mail&state={}\
         &code_challenge={challenge}&code_challenge_method=S256",
        "s".repeat(43)
    );
    let answer = request(issuer, &format!("GET {path} HTTP/1.1\r\n\r\n")).await;
    let code = answer
        .split("code=")
        .nth(1)
        .unwrap()
        .split('&')
        .next()
        .unwrap()
        .to_owned();
    Asked { redirect, code }
}

async fn request(issuer: &Issuer, text: &str) -> String {
    let mut stream = TcpStream::connect(issuer.address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn exchange(issuer: &Issuer, code: &str, redirect: &str, verifier: &str) -> String {
    let body = format!(
        "grant_type=authorization_code&client_id=qiyou-test&code={code}&redirect_uri={redirect}&code_verifier={verifier}"
    );
    request(
        issuer,
        &format!("POST /token HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
    )
    .await
}

#[tokio::test]
async fn a_code_is_good_once_for_its_verifier_and_its_redirect_address() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    let asked = code(&issuer).await;
    assert!(
        exchange(&issuer, &asked.code, &asked.redirect, VERIFIER)
            .await
            .contains("access_token")
    );
    let again = exchange(&issuer, &asked.code, &asked.redirect, VERIFIER).await;
    assert!(again.contains("invalid_grant") && again.contains("spent"), "{again}");

    let asked = code(&issuer).await;
    let guessed = exchange(&issuer, &asked.code, &asked.redirect, &VERIFIER.replace('a', "b")).await;
    assert!(guessed.contains("verifier does not fit"), "{guessed}");

    let asked = code(&issuer).await;
    let moved = exchange(&issuer, &asked.code, "http://127.0.0.1:10", VERIFIER).await;
    assert!(moved.contains("redirect_uri differs"), "{moved}");
}

#[tokio::test]
async fn without_pkce_or_with_a_foreign_redirect_address_there_is_no_code() {
    let issuer = Issuer::start(Options::default()).await.unwrap();
    let get = async |query: &str| request(&issuer, &format!("GET /authorize?{query} HTTP/1.1\r\n\r\n")).await;
    let plain = get(&format!(
        "response_type=code&client_id=qiyou-test&redirect_uri=http://127.0.0.1:9&scope=m&state={}\
         &code_challenge={}&code_challenge_method=plain",
        "s".repeat(43),
        "c".repeat(43)
    ))
    .await;
    assert!(
        plain.contains("error=invalid_request") && !plain.contains("code="),
        "{plain}"
    );
    let foreign = get("response_type=code&client_id=qiyou-test&redirect_uri=https://evil.example").await;
    assert!(
        foreign.starts_with("HTTP/1.1 400") && !foreign.contains("Location"),
        "{foreign}"
    );
}
