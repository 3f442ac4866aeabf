//! `trusted_proxies` and `[certificate]`: what does not build, and what the metadata say.

use axum::Router;
use axum::body::Body;
use claviger::AuthConfig;
use claviger::AuthConfigBuilder;
use claviger::AuthLayer;
use claviger::CertificateSettings;
use claviger::Issuer;
use http::Request;
use serde_json::Value;
use serde_json::json;
use tower::ServiceExt;

use crate::support::problem_paths as paths;
use crate::support::read_config;

const ISSUER: &str = "[[issuers]]\nissuer = \"https://issuer.example\"\naudience = \"https://api.example.com\"\n";

fn builder() -> AuthConfigBuilder {
    AuthConfig::builder(Issuer::new("https://issuer.example", "https://api.example.com"))
}

fn read(text: &str) -> Vec<String> {
    paths(read_config(text))
}

#[test]
fn what_is_no_network_is_refused_with_its_path() {
    for (list, expected) in [
        (r#"["10.0.0.0/8", "192.0.2.1", "fd00::/8", "::1"]"#, &[][..]),
        (r#""10.0.0.0/8""#, &[]),
        (r#"["10.0.0.0/8", "x", "10.0.0.1/8", "localhost"]"#, &[1, 2, 3]),
        (r#"["10.0.0.0/33"]"#, &[0]),
        (r#"[""]"#, &[0]),
    ] {
        let expected: Vec<_> = expected.iter().map(|at| format!("trusted_proxies[{at}]")).collect();
        assert_eq!(read(&format!("trusted_proxies = {list}\n{ISSUER}")), expected, "{list}");
    }
    for list in ["[]", "7", "[7]", "true"] {
        assert_eq!(read(&format!("trusted_proxies = {list}\n{ISSUER}")), ["trusted_proxies"], "{list}");
    }
    assert_eq!(paths(builder().with_trusted_proxies(["10.0.0.0/8", "x"]).build()), ["trusted_proxies[1]"]);
}

#[test]
fn a_field_that_would_never_count_is_refused() {
    let trusted = "trusted_proxies = [\"10.0.0.0/8\"]\n";
    for (before, table, expected) in [
        (trusted, "[certificate]\nheader = \"x-forwarded-client-cert\"", &[][..]),
        (trusted, "[certificate]\nheader = \"X-SSL-Client-Cert\"", &[]),
        ("", "[certificate]", &[]),
        ("", "[certificate]\nheader = \"x-forwarded-client-cert\"", &["certificate.header"]),
        (trusted, "[certificate]\nheader = \"\"", &["certificate.header"]),
        (trusted, "[certificate]\nheader = \"a b\"", &["certificate.header"]),
        (trusted, "[certificate]\nheader = 7", &["certificate.header"]),
        (trusted, "[certificate]\nheaders = \"a\"", &["certificate.headers"]),
        ("certificate = \"x\"\n", "", &["certificate"]),
        ("trusted_unix_sockets = true\n", "[certificate]\nheader = \"x-ssl-client-cert\"", &[]),
        (trusted, "[certificate]\nheader = \"a\"\nformat = \"sha1\"", &["certificate.format"]),
        (trusted, "[certificate]\nheader = \"a\"\nelement = \"any\"", &["certificate.element"]),
        (trusted, "[certificate]\nheader = \"a\"\nelement = 0", &["certificate.element"]),
        (trusted, "[certificate]\nformat = \"der\"", &["certificate.header"]),
        (trusted, "[certificate]\nelement = \"only\"", &["certificate.header"]),
    ] {
        assert_eq!(read(&format!("{before}{ISSUER}{table}")), expected, "{before}{table}");
    }
    let header = CertificateSettings::new().with_header("x-ssl-client-cert");
    assert_eq!(paths(builder().with_certificate(header).build()), ["certificate.header"]);
}

#[test]
fn each_format_and_element_has_a_name() {
    for format in ["xfcc", "pem", "rfc9440", "der", "sha256"] {
        for element in ["only", "first", "last"] {
            let table = format!("[certificate]\nheader = \"a\"\nformat = \"{format}\"\nelement = \"{element}\"");
            assert_eq!(read(&format!("trusted_proxies = \"::1\"\n{ISSUER}{table}")), [""; 0], "{table}");
        }
    }
}

#[test]
fn what_is_said_of_proxies_is_read() {
    for (line, expected) in [
        ("trusted_unix_sockets = true", &[][..]),
        ("trusted_unix_sockets = \"yes\"", &["trusted_unix_sockets"]),
        ("forwarded = \"both\"", &[]),
        ("forwarded = \"x-forwarded\"", &[]),
        ("forwarded = \"rfc7239\"", &[]),
        ("forwarded = \"all\"", &["forwarded"]),
        ("forwarded = [\"both\"]", &["forwarded"]),
    ] {
        assert_eq!(read(&format!("{line}\n{ISSUER}")), expected, "{line}");
    }
}

/// RFC 9728, section 2.
#[tokio::test]
async fn the_metadata_say_whether_bound_tokens_are_taken() {
    let told = async |settings: AuthConfigBuilder| -> Value {
        let app: Router = Router::new().layer(AuthLayer::new(settings.with_resource(AUDIENCE).build().unwrap()));
        let request = Request::get("/.well-known/oauth-protected-resource").body(Body::empty()).unwrap();
        let body = app.oneshot(request).await.unwrap().into_body();
        let document: Value = serde_json::from_slice(&axum::body::to_bytes(body, 10_000).await.unwrap()).unwrap();
        document["tls_client_certificate_bound_access_tokens"].clone()
    };
    assert_eq!(told(builder()).await, Value::Null);
    assert_eq!(told(builder().with_certificate(CertificateSettings::new())).await, json!(true));
}

const AUDIENCE: &str = "https://api.example.com";
