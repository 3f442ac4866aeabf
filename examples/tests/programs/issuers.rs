//! The programs that believe several issuers.

use claviger_testing::TestIssuer;
use reqwest::Client;
use reqwest::Method;
use reqwest::StatusCode;
use serde_json::Value;
use serde_json::json;

use crate::program::Program;

const AUDIENCE: &str = "https://api.example.com";

async fn get(url: &str, token: &str) -> (StatusCode, String) {
    let answer = Client::new().get(url).bearer_auth(token).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

async fn operate(method: Method, url: &str, issuer: &str) -> StatusCode {
    Client::new().request(method, url).body(issuer.to_owned()).send().await.unwrap().status()
}

#[tokio::test]
async fn many_issuers_come_and_go() {
    let [first, second] = [TestIssuer::start().await, TestIssuer::start().await];
    let mut program = Program::start("many_issuers", &[AUDIENCE, first.url()]);
    let origin = program.origin().await;
    let (whoami, issuers) = (format!("{origin}/whoami"), format!("{origin}/issuers"));
    let of_first = first.token().claim("sub", "alice").sign();
    let of_second = second.token().claim("sub", "alice").sign();

    let (status, body) = get(&whoami, &of_first).await;
    assert_eq!(status, StatusCode::OK);
    let who: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(who, json!({ "issuer": first.url(), "subject": "alice" }));
    assert_eq!(get(&whoami, &of_second).await.0, StatusCode::UNAUTHORIZED);

    assert_eq!(operate(Method::PUT, &issuers, second.url()).await, StatusCode::CREATED);
    assert_eq!(operate(Method::PUT, &issuers, second.url()).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(get(&whoami, &of_second).await.0, StatusCode::OK);
    let listed: Value = serde_json::from_str(&get(&issuers, "").await.1).unwrap();
    assert_eq!(listed, json!({ first.url(): "fresh", second.url(): "fresh" }));

    assert_eq!(operate(Method::DELETE, &issuers, first.url()).await, StatusCode::NO_CONTENT);
    assert_eq!(operate(Method::DELETE, &issuers, first.url()).await, StatusCode::NOT_FOUND);
    assert_eq!(get(&whoami, &of_first).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(get(&whoami, &of_second).await.0, StatusCode::OK);
}

#[tokio::test]
async fn tenant_from_path_takes_the_tokens_of_that_tenant_alone() {
    let [acme, globex] = [TestIssuer::start().await, TestIssuer::start().await];
    let tenants = [format!("acme={}", acme.url()), format!("globex={}", globex.url())];
    let mut program = Program::start("tenant_from_path", &[AUDIENCE, &tenants[0], &tenants[1]]);
    let origin = program.origin().await;
    let of_acme = acme.token().claim("sub", "alice").sign();
    let of_globex = globex.token().claim("sub", "alice").sign();
    assert_eq!(
        get(&format!("{origin}/acme/hello"), &of_acme).await,
        (StatusCode::OK, "hello alice of acme\n".to_owned())
    );
    assert_eq!(get(&format!("{origin}/globex/hello"), &of_globex).await.0, StatusCode::OK);
    for (path, token) in [("acme", &of_globex), ("globex", &of_acme), ("initech", &of_acme)] {
        assert_eq!(get(&format!("{origin}/{path}/hello"), token).await.0, StatusCode::UNAUTHORIZED, "{path}");
    }
}
