//! Section 9 of the contract, "Configuration": each close call is a case.

use claviger::error::ConfigError;

use crate::support::problem_paths;
use crate::support::read_config as read;

/// Where a case stands in the file.
enum At {
    Root,
    Issuer,
    Table(&'static str),
}
use At::Issuer;
use At::Root;
use At::Table;

const JWKS: &str =
    r#"jwks = '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}'"#;

fn file(at: &At, member: &str) -> String {
    let (mut root, mut table) = ("", String::new());
    let mut issuer = "[[issuers]]\nissuer = 'https://tenant.example.com/'\n".to_owned();
    if !member.starts_with("audience ") {
        issuer += "audience = 'https://api.example.com'\n";
    }
    match at {
        Root => root = member,
        Issuer => issuer += member,
        Table(name) => table = format!("[{name}]\n{member}"),
    }
    format!("{root}\n{issuer}\n{table}\n")
}

fn problems(at: &At, member: &str) -> Vec<String> {
    problem_paths(read(&file(at, member)))
}

#[test]
fn what_is_refused() {
    for (at, member, paths) in [
        // Minimum over maximum lifetime.
        (Table("keys"), "min_lifetime = '2h'", &["keys.min_lifetime"][..]),
        // Scopes with blanks or quotes.
        (Root, "challenge_scope = ['read reports']", &["challenge_scope"]),
        (Root, "challenge_scope = ['read\"reports']", &["challenge_scope"]),
        (Root, "scopes_supported = ['read reports']", &["scopes_supported"]),
        (Root, "scopes_supported = ['a\\b']", &["scopes_supported"]),
        // User information in addresses.
        (Root, "public_url = 'https://user@api.example.com'", &["public_url"]),
        (Root, "resource = 'https://user:secret@api.example.com'", &["resource"]),
        (Root, "cookie_origins = ['https://user@app.example.com']", &["cookie_origins[0]"]),
        (Issuer, "jwks_uri = 'https://user@keys.example.com'", &["issuers[0].jwks_uri"]),
        (Issuer, "discovery_url = 'https://user@keys.example.com'", &["issuers[0].discovery_url"]),
        (Issuer, "fetch_base_url = 'http://user@idp:8080'", &["issuers[0].fetch_base_url"]),
        // Malformed `hosts` and `trusted_proxies`.
        (Root, "hosts = ['https://api.example.com', 'a b', 'api.example.com']", &["hosts[0]", "hosts[1]"]),
        (
            Root,
            "trusted_proxies = ['10.0.0.0/8', '10.0.0.1/8', 'proxy']",
            &["trusted_proxies[1]", "trusted_proxies[2]"],
        ),
        // Two sources of keys.
        (
            Issuer,
            "jwks_uri = 'https://a.example/keys'\ndiscovery_url = 'https://a.example/metadata'",
            &["issuers[0].jwks_uri"],
        ),
        // Missing files.
        (Issuer, "jwks_file = '/nowhere/keys.json'", &["issuers[0].jwks_file"]),
        (Issuer, "ca_file = '/nowhere/ca.pem'", &["issuers[0].ca_file"]),
        (Issuer, "bearer_token_file = '/nowhere/token'", &["issuers[0].bearer_token_file"]),
        (Table("dpop"), "nonce_secrets = [{ file = '/nowhere/secret' }]", &["dpop.nonce_secrets[0]"]),
        // Zero ages.
        (Issuer, "max_token_age = '0s'", &["issuers[0].max_token_age"]),
        (Table("dpop"), "proof_max_age = 0", &["dpop.proof_max_age"]),
        (Table("keys"), "default_lifetime = 0\nmin_lifetime = 0", &["keys.default_lifetime", "keys.min_lifetime"]),
        (
            Table("keys"),
            "timeout = 0\nconnect_timeout = 0\nwait = 0",
            &["keys.timeout", "keys.connect_timeout", "keys.wait"],
        ),
        // Empty lists.
        (Issuer, "audience = []", &["issuers[0].audience"]),
        (Issuer, "algorithms = []", &["issuers[0].algorithms"]),
        (Issuer, "required_claims = []", &["issuers[0].required_claims"]),
        (Issuer, "bind = {}", &["issuers[0].bind"]),
        (Issuer, "bind = { tid = [] }", &["issuers[0].bind.tid"]),
        (Issuer, "aliases = []", &["issuers[0].aliases"]),
        (Root, "sources = []", &["sources"]),
        (Root, "hosts = []", &["hosts"]),
        (Root, "challenge_scope = []", &["challenge_scope"]),
        (Root, "trusted_proxies = []", &["trusted_proxies"]),
        (Table("dpop"), "algorithms = []", &["dpop.algorithms"]),
        // Blank names.
        (Issuer, "audience = ' '", &["issuers[0].audience"]),
        (Issuer, "required_claims = [' ']", &["issuers[0].required_claims"]),
        (Issuer, "bind = { ' ' = 1 }", &["issuers[0].bind"]),
        (Root, "sources = [{ cookie = ' ' }]", &["sources[0].cookie"]),
        (Root, "sources = [{ header = '' }]", &["sources[0].header"]),
        (Root, "realm = ' '", &["realm"]),
        // A source twice.
        (Root, "sources = ['query', 'authorization', 'query']", &["sources[2]"]),
        (Root, "sources = [{ header = 'x-token' }, { header = 'X-Token' }]", &["sources[1]"]),
        // A realm that is not ASCII.
        (Root, "realm = 'Zürich'", &["realm"]),
        // `http` that is not loopback.
        (Root, "resource = 'http://api.example.com'", &["resource"]),
        (Root, "public_url = 'http://api.example.com'", &["public_url"]),
        // A query in `resource`.
        (Root, "resource = 'https://api.example.com/?a=b'", &["resource"]),
    ] {
        assert_eq!(problems(&at, member), paths, "{member}");
    }
}

#[test]
fn an_issuer_twice_is_refused() {
    let twice = file(&Root, "") + &file(&Root, "");
    assert_eq!(problem_paths(read(&twice)), ["issuers[1].issuer"]);
}

#[test]
fn what_is_accepted() {
    for (at, member) in [
        (Issuer, "leeway = 30"),
        (Issuer, "audience = 'https://api.example.com'"),
        (Root, "resource = 'http://localhost:3000'"),
        (Root, "public_url = 'http://127.0.0.1:3000'"),
        (Root, "cookie_origins = []"),
        (Root, "scopes_supported = []"),
        (Issuer, "fetch_base_url = 'http://idp:8080'"),
        (Issuer, JWKS),
    ] {
        assert_eq!(problems(&at, member), [""; 0], "{member}");
    }
}

#[test]
fn wrong_types_and_unknown_members_are_collected_with_the_rest() {
    let text = "realm = 7\ncolour = 'blue'\n[[issuers]]\nissuer = 'ftp://x'\naudience = ''\nlevay = 1\nleeway = 'soon'";
    assert_eq!(
        problem_paths(read(text)),
        ["issuers[0].leeway", "issuers[0].levay", "realm", "colour", "issuers[0].issuer", "issuers[0].audience"]
    );
}

#[test]
fn an_unknown_member_names_the_known_one_that_is_nearest() {
    let told = |at: &At, member: &str| {
        let error = read(&file(at, member)).unwrap_err();
        let unknown =
            |error: &ConfigError| error.problems().iter().map(ToString::to_string).find(|p| p.contains("unknown"));
        unknown(&error).unwrap()
    };
    for (at, member, expected) in [
        (Issuer, "audiance = 'a'", "issuers[0].audiance: unknown member `audiance`; did you mean `audience`?"),
        (Issuer, "jwks_url = 'a'", "issuers[0].jwks_url: unknown member `jwks_url`; did you mean `jwks_uri`?"),
        (Issuer, "color = 'blue'", "issuers[0].color: unknown member `color`"),
        (Root, "publicurl = 'a'", "publicurl: unknown member `publicurl`; did you mean `public_url`?"),
        (
            Root,
            "resource = { identifier = 'https://a.example', resouce_name = 'b' }",
            "resource.resouce_name: unknown member `resouce_name`; did you mean `resource_name`?",
        ),
        (Table("keys"), "max_stail = 1", "keys.max_stail: unknown member `max_stail`; did you mean `max_stale`?"),
        (
            Table("dpop"),
            "replay = { memori = 1, memory = 1048576 }",
            "dpop.replay.memori: unknown member `memori`; did you mean `memory`?",
        ),
        (Table("cache"), "max-bytes = 1", "cache.max-bytes: unknown member `max-bytes`; did you mean `max_bytes`?"),
        (
            Table("certificate"),
            "headers = 'a'",
            "certificate.headers: unknown member `headers`; did you mean `header`?",
        ),
    ] {
        assert_eq!(told(&at, member), expected, "{member}");
    }
}

#[test]
fn the_members_of_a_provider_are_known_too() {
    let error = read("[[issuers]]\nprovider = 'keycloak'\ndomian = 'sso.example.com'\nrealm = 'main'\naudience = 'a'");
    let error = error.unwrap_err();
    let told: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    let expected = "issuers[0].domian: unknown member `domian`; did you mean `domain`?";
    assert!(told.iter().any(|problem| problem == expected), "{error}");
}

#[test]
fn a_store_of_keys_may_be_named() {
    let found = problems(&Table("keys"), "store = { redis = 'redis://127.0.0.1:6379' }");
    if cfg!(feature = "redis") {
        assert_eq!(found, [""; 0]);
    } else {
        assert_eq!(found, ["keys.store.redis"]);
    }
    assert_eq!(problems(&Table("keys"), "store = 'disk'"), ["keys.store"]);
}

#[cfg(not(feature = "redis"))]
#[test]
fn a_store_that_needs_a_feature_names_it() {
    let error = read(&file(&Table("keys"), "store = { redis = 'redis://127.0.0.1:6379' }")).unwrap_err();
    assert!(error.to_string().contains("the feature \"redis\""), "{error}");
}
