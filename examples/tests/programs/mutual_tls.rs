//! What the client and the thieves of `mutual_tls` hear, with the feature `mutual-tls`.

use crate::program::Program;

#[tokio::test]
async fn only_the_holder_of_the_certificate_is_greeted() {
    let mut program = Program::start("mutual_tls", &[]);
    assert_eq!(program.line().await, "the client: 200 OK, hello \"alice\"");
    for who in ["a thief", "a thief with a certificate"] {
        let line = program.line().await;
        assert!(line.starts_with(&format!("{who}: 401 Unauthorized, ")), "{line}");
        assert!(line.contains("\"error\":\"invalid_token\""), "{line}");
    }
}
