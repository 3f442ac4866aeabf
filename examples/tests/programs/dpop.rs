//! What the client and the thief of `dpop` hear.

use crate::program::Program;

#[tokio::test]
async fn only_the_holder_of_the_key_is_greeted_and_once() {
    let mut program = Program::start("dpop", &[]);
    let key = program.line().await.strip_prefix("the key of the client: ").unwrap().to_owned();
    let algorithms = r#"algs="ES256 ES384 EdDSA Ed25519 RS256 PS256""#;
    assert_eq!(program.line().await, format!("a thief, with the token alone: 401 Unauthorized, DPoP {algorithms}"));
    let needs_nonce = program.line().await;
    assert!(needs_nonce.starts_with("the client, without a nonce: 401 Unauthorized, DPoP error=\"use_dpop_nonce\""));
    let greeted = format!("the client, with the nonce: 200 OK, hello alice, who holds the key {key}");
    assert_eq!(program.line().await, greeted);
    let replayed = program.line().await;
    assert!(
        replayed.starts_with("a thief, with the whole request: 401 Unauthorized, DPoP error=\"invalid_dpop_proof\"")
    );
}
