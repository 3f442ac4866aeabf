//! What is wrong with a request is told before anything is sent.

use claviger::Scopes;
use claviger_exchange::OnBehalfOf;
use claviger_exchange::TokenExchange;
use claviger_exchange::TokenType;

use super::INVENTORY;
use super::World;
use super::problems;
use super::request;

/// Each with what its problem says.
const WRONG_TOKENS: [(&str, &str); 10] = [
    ("", "empty"),
    (" ", "whitespace"),
    ("\t\n", "whitespace"),
    (" token", "whitespace"),
    ("token\n", "whitespace"),
    ("Bearer token", "Bearer"),
    ("bearer token", "Bearer"),
    ("BEARER\ttoken", "Bearer"),
    ("bEaReR   token", "Bearer"),
    ("DPoP token", "DPoP"),
];

#[tokio::test]
async fn a_subject_token_is_the_bare_token() {
    let world = World::new().await;
    for (token, says) in WRONG_TOKENS {
        let found = problems(world.exchanger.exchange(&request(token)).await);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "subject_token");
        assert!(found[0].1.contains(says), "{token:?}: {found:?}");
    }
    world.assert_nothing_was_sent();
    for token in ["token", "Bearer", "bearertoken", "a token of two words"] {
        assert!(world.exchanger.exchange(&request(token)).await.is_ok(), "{token}");
    }
}

#[tokio::test]
async fn an_actor_token_is_the_bare_token() {
    let world = World::new().await;
    for (token, says) in WRONG_TOKENS {
        let request = request("subject").with_actor(token, TokenType::ACCESS_TOKEN);
        let found = problems(world.exchanger.exchange(&request).await);
        assert!(found[0].0 == "actor_token" && found[0].1.contains(says), "{token:?}: {found:?}");
    }
    world.assert_nothing_was_sent();
}

#[tokio::test]
async fn reserved_names_are_refused_in_any_case_and_named() {
    let world = World::new().await;
    // reference A.10
    let reserved = "grant_type client_id client_secret client_assertion client_assertion_type subject_token \
        subject_token_type requested_token_type actor_token actor_token_type subject_issuer audience aud resource \
        resources resource_indicator scope connection login_hint organization assertion";
    for name in reserved.split_whitespace() {
        let mixed: String =
            name.char_indices().map(|(at, c)| if at % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect();
        for spelled in [name.to_owned(), name.to_uppercase(), mixed, format!(" {name}")] {
            let found = problems(world.exchanger.exchange(&request("t").add_parameter(&*spelled, "x")).await);
            assert_eq!(found, [(spelled, "is a reserved parameter name".to_owned())]);
        }
    }
    for (name, says) in [("", "blank"), ("  ", "blank"), (" reason", "whitespace")] {
        let found = problems(world.exchanger.exchange(&request("t").add_parameter(name, "x")).await);
        assert!(found[0].1.contains(says), "{name:?}: {found:?}");
    }
    world.assert_nothing_was_sent();
}

/// Gives a request one more value.
type Add = fn(TokenExchange, String) -> TokenExchange;

#[tokio::test]
async fn twenty_values_of_one_name_pass_and_one_more_does_not() {
    let world = World::new().await;
    let with = |count: usize, add: Add| {
        (0..count).fold(request("t"), |request, at| add(request, format!("https://{at}.example.com")))
    };
    let adders: [(&str, Add); 3] = [
        ("reason", |request, value| request.add_parameter("reason", value)),
        ("audience", TokenExchange::add_audience),
        ("resource", TokenExchange::add_resource),
    ];
    for (name, add) in adders {
        let found = problems(world.exchanger.exchange(&with(21, add)).await);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].0 == name && found[0].1.contains("maximum array size"), "{found:?}");
    }
    world.assert_nothing_was_sent();
    for (at, (name, add)) in adders.into_iter().enumerate() {
        world.exchanger.exchange(&with(20, add)).await.unwrap();
        let values: Vec<_> = world.issuer.token_requests()[at].fields(name).map(str::to_owned).collect();
        let expected: Vec<_> = (0..20).map(|at| format!("https://{at}.example.com")).collect();
        assert_eq!(values, expected);
    }
}

#[tokio::test]
async fn a_profile_is_of_ones_own_and_other_types_are_anybodys() {
    let world = World::new().await;
    for reserved in
        ["urn:ietf:params:oauth:token-type:jwt", "URN:Auth0:x", "https://auth0.com/x", "urn:okta:x", "x", ""]
    {
        let found = problems(world.exchanger.exchange(&TokenExchange::by_profile("t", reserved)).await);
        assert!(found.iter().all(|(path, _)| path == "subject_token_type"), "{reserved}: {found:?}");
    }
    for wrong in ["", "access_token", "urn:acme:a token"] {
        let wrong = || TokenType::new(wrong);
        let request = TokenExchange::new("t", wrong()).with_actor("a", wrong()).with_requested_type(wrong());
        let paths: Vec<_> =
            problems(world.exchanger.exchange(&request).await).into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, ["subject_token_type", "actor_token_type", "requested_token_type"]);
    }
    world.assert_nothing_was_sent();
    world.exchanger.exchange(&TokenExchange::by_profile("t", "urn:acme:legacy")).await.unwrap();
    assert_eq!(world.sent().field("subject_token_type"), Some("urn:acme:legacy"));
}

#[tokio::test]
async fn every_problem_is_told_at_once_and_none_of_them_tells_a_token() {
    let world = World::new().await;
    let request = request("Bearer of-a-secret")
        .add_audience(" ")
        .add_resource("relative")
        .add_resource("https://a.example/#fragment")
        .with_organization("")
        .add_parameter("Scope", "of-a-secret");
    let outcome = world.exchanger.exchange(&request).await;
    let text = format!("{outcome:?} {}", outcome.as_ref().unwrap_err());
    assert!(!text.contains("of-a-secret"), "{text}");
    let paths: Vec<_> = problems(outcome).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["subject_token", "audience", "resource", "resource", "organization", "Scope"]);
    world.assert_nothing_was_sent();
}

#[tokio::test]
async fn what_is_asked_for_is_sent_and_nothing_else() {
    let world = World::new().await;
    world.exchange().await.unwrap();
    let sent = world.sent();
    assert_eq!(sent.names().collect::<Vec<_>>(), ["grant_type", "subject_token", "subject_token_type"]);
    assert_eq!(sent.field("grant_type"), Some("urn:ietf:params:oauth:grant-type:token-exchange"));
    assert_eq!(sent.field("subject_token"), Some("a subject token"));
    assert_eq!(sent.headers()["content-type"], "application/x-www-form-urlencoded");

    let everything = request("a&b=c d+é")
        .with_actor("actor", TokenType::ACCESS_TOKEN)
        .add_audience(INVENTORY)
        .add_resource("https://inventory.example.com/items")
        .with_scopes(Scopes::new(["read:items", "write:items"]).unwrap())
        .with_requested_type(TokenType::ACCESS_TOKEN)
        .with_organization("org_1")
        .add_parameter("reason", "nightly")
        .add_parameter("reason", "");
    world.exchanger.exchange(&everything).await.unwrap();
    let sent = &world.issuer.token_requests()[1];
    let expected = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", "a&b=c d+é"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ("actor_token", "actor"),
        ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("audience", INVENTORY),
        ("resource", "https://inventory.example.com/items"),
        ("scope", "read:items write:items"),
        ("requested_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ("organization", "org_1"),
    ];
    for (name, value) in expected {
        assert_eq!(sent.field(name), Some(value), "{name}");
    }
    assert_eq!(sent.fields("reason").collect::<Vec<_>>(), ["nightly", ""]);
    assert_eq!(sent.names().count(), expected.len() + 2);
}

#[tokio::test]
async fn on_behalf_of_asks_for_an_access_token_for_the_verified_one() {
    let world = World::new().await;
    let token = world.issuer.token().sign();
    let caller = world.verified(&token).await;
    let paths = problems(world.exchanger.on_behalf_of(&caller, &OnBehalfOf::new("")).await);
    assert_eq!(paths[0].0, "audience");
    world.assert_nothing_was_sent();

    let scopes = Scopes::new(["read:items"]).unwrap();
    let request = OnBehalfOf::new(INVENTORY).with_scopes(scopes);
    world.exchanger.on_behalf_of(&caller, &request).await.unwrap();
    let (sent, access_token) = (world.sent(), "urn:ietf:params:oauth:token-type:access_token");
    for (name, value) in [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", &*token),
        ("subject_token_type", access_token),
        ("requested_token_type", access_token),
        ("audience", INVENTORY),
        ("scope", "read:items"),
    ] {
        assert_eq!(sent.fields(name).collect::<Vec<_>>(), [value], "{name}");
    }
    assert_eq!(sent.names().count(), 6);
}

#[tokio::test]
async fn a_token_whose_text_was_not_kept_is_not_exchanged() {
    let world = World::new().await;
    let trusted = claviger::Issuer::new(world.issuer.url(), crate::support::AUDIENCE).with_jwks(world.issuer.jwks());
    let verifier = claviger::Verifier::builder(trusted).with_clock(world.clock.clone()).build().unwrap();
    let caller = verifier.verify(&world.issuer.token().sign()).await.unwrap();
    let google = claviger_exchange::Connection::new("google-oauth2");
    for found in [
        problems(world.exchanger.on_behalf_of(&caller, &OnBehalfOf::new(INVENTORY)).await),
        problems(world.exchanger.connection_token(&caller, &google).await),
    ] {
        assert_eq!(found[0].0, "subject_token");
        assert!(found[0].1.contains("keep_presented_token"), "{found:?}");
    }
    world.assert_nothing_was_sent();
}
