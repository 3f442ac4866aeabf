//! The way of an MCP client that knows nothing but the URL, by the commands that the program prints.

use serde_json::Value;
use serde_json::json;

use crate::program::Program;
use crate::program::shell;

struct Answer {
    head: String,
    body: Value,
}

impl Answer {
    async fn of(command: &str) -> Self {
        let text = shell(command).await;
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Self { head: head.to_owned(), body: serde_json::from_str(body).unwrap() }
    }

    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    fn challenge(&self) -> &str {
        self.head.lines().find_map(|line| line.strip_prefix("www-authenticate: Bearer ")).unwrap()
    }
}

#[tokio::test]
async fn a_client_finds_issuer_and_scopes_from_the_url_alone() {
    let mut program = Program::start("mcp_resource_server", &[]);
    let (mut commands, mut issuer) = (Vec::new(), String::new());
    while commands.len() < 4 {
        let line = program.line().await;
        if line.starts_with("curl ") {
            commands.push(line);
        } else if let Some((_, rest)) = line.split_once(" the issuer ") {
            issuer = rest.split_once(". ").unwrap().0.to_owned();
        }
    }
    let resource = commands[0].split(' ').nth(2).unwrap();
    let metadata_url = resource.replace("/mcp", "/.well-known/oauth-protected-resource/mcp");
    let scope = "scope=\"tools:list tools:call\"";
    let metadata_parameter = format!("resource_metadata=\"{metadata_url}\"");

    let anonymous = Answer::of(&commands[0]).await;
    assert_eq!(anonymous.status(), "401");
    assert!(!anonymous.challenge().contains("error="), "{}", anonymous.head);
    assert!(anonymous.challenge().contains(scope) && anonymous.challenge().contains(&metadata_parameter));

    assert_eq!(commands[1], format!("curl -i {metadata_url}"));
    let metadata = Answer::of(&commands[1]).await;
    let expected = json!({
        "resource": resource,
        "authorization_servers": [issuer],
        "scopes_supported": ["tools:list", "tools:call"],
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": ["ES256", "ES384", "EdDSA", "Ed25519", "RS256", "PS256"],
        "resource_name": "Reports for agents",
    });
    assert_eq!((metadata.status(), &metadata.body), ("200", &expected));

    let lacking = Answer::of(&commands[2]).await;
    assert_eq!(lacking.status(), "403");
    for parameter in ["error=\"insufficient_scope\"", scope, &metadata_parameter] {
        assert!(lacking.challenge().contains(parameter), "{}", lacking.head);
    }

    let allowed = Answer::of(&commands[3]).await;
    assert_eq!((allowed.status(), &allowed.body["id"]), ("200", &json!(1)));
    assert_eq!(allowed.body["result"]["content"][0]["type"], "text");

    let from_a_page = Answer::of(&format!("{} -H 'Origin: https://app.example.com'", commands[0])).await;
    assert_eq!(from_a_page.status(), "401");
    let exposed = "access-control-expose-headers: ";
    let exposed = from_a_page.head.lines().find_map(|line| line.strip_prefix(exposed)).unwrap();
    assert!(exposed.contains("www-authenticate"), "{exposed}");
}
