//! An answer, taken apart by a parser that is not ours.

use axum::body::Body;
use claviger::error::Reason;
use claviger::respond::Refused;
use http::HeaderMap;
use http::Response;
use http::StatusCode;
use http::header::CACHE_CONTROL;
use http::header::CONTENT_TYPE;
use http::header::RETRY_AFTER;
use http::header::WWW_AUTHENTICATE;
use http_body_util::BodyExt;
use serde_json::Value;

/// What a client gets, and what a layer outside sees.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) reason: Option<Reason>,
    /// Whether the inner service was called.
    pub(crate) reached: bool,
}

impl Answer {
    pub(crate) async fn of(response: Response<Body>, reached: bool) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
            reason: parts.extensions.get::<Refused>().map(Refused::reason),
            reached,
        }
    }

    /// The parameters of the Bearer challenge.
    pub(crate) fn challenge(&self) -> Vec<(String, String)> {
        let bearer = self.challenges().into_iter().find(|(scheme, _)| scheme == "Bearer");
        bearer.unwrap_or_else(|| panic!("{self:?}")).1
    }

    /// Schemes and their parameters, in order, as a second parser reads them from the one line that there may be.
    pub(crate) fn challenges(&self) -> Vec<(String, Vec<(String, String)>)> {
        let lines: Vec<_> = self.headers.get_all(WWW_AUTHENTICATE).iter().collect();
        assert!(lines.len() < 2, "{self:?}");
        let Some(line) = lines.first() else {
            return Vec::new();
        };
        let challenges = http_auth::parse_challenges(line.to_str().unwrap()).unwrap();
        let challenges = challenges.iter().map(|challenge| {
            let parameters = challenge.params.iter();
            let parameters = parameters.map(|(name, value)| ((*name).to_owned(), value.to_unescaped())).collect();
            (challenge.scheme.to_owned(), parameters)
        });
        let challenges: Vec<(String, Vec<(String, String)>)> = challenges.collect();
        for (scheme, parameters) in &challenges {
            let has = |name: &str| parameters.iter().any(|(found, _)| found == name);
            assert_eq!((has("realm"), has("algs")), (scheme == "Bearer", scheme == "DPoP"), "{self:?}");
        }
        challenges
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.challenge().into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn assert_passed(&self) {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert!(self.reached);
        assert_eq!(self.reason, None);
    }

    /// R401-plain: challenges without `error` (RFC 6750, section 3.1).
    pub(crate) fn assert_asks_for_credentials(&self, reason: Reason) {
        self.assert_refused(StatusCode::UNAUTHORIZED, None, reason);
    }

    /// R401.
    pub(crate) fn assert_invalid_token(&self, reason: Reason) {
        self.assert_refused(StatusCode::UNAUTHORIZED, Some("invalid_token"), reason);
    }

    /// R400.
    pub(crate) fn assert_invalid_request(&self) {
        self.assert_refused(StatusCode::BAD_REQUEST, Some("invalid_request"), Reason::MalformedRequest);
    }

    /// R403, with the scopes that the route needs.
    pub(crate) fn assert_insufficient_scope(&self, scope: &str) {
        self.assert_refused(StatusCode::FORBIDDEN, Some("insufficient_scope"), Reason::InsufficientScope);
        assert_eq!(self.parameter("scope").as_deref(), Some(scope));
    }

    /// forbidden: 403, and challenges without `error` and `scope`, because no scope helps.
    pub(crate) fn assert_forbidden(&self) {
        self.assert_problem(StatusCode::FORBIDDEN, Some("forbidden"));
        assert_eq!(self.reason, Some(Reason::Forbidden));
        let challenges = self.challenges();
        assert!(!challenges.is_empty(), "{self:?}");
        for (name, _) in challenges.iter().flat_map(|(_, parameters)| parameters) {
            assert!(["realm", "algs", "resource_metadata"].contains(&&**name), "{self:?}");
        }
    }

    /// 401 with what RFC 9470, section 3, adds.
    pub(crate) fn assert_step_up(&self, acr_values: Option<&str>, max_age: Option<&str>, scope: Option<&str>) {
        let error = Some("insufficient_user_authentication");
        self.assert_refused(StatusCode::UNAUTHORIZED, error, Reason::InsufficientAuthentication);
        assert_eq!(self.parameter("acr_values").as_deref(), acr_values);
        assert_eq!(self.parameter("max_age").as_deref(), max_age);
        assert_eq!(self.parameter("scope").as_deref(), scope);
    }

    /// 403, and challenges without `error`: the token was not read.
    pub(crate) fn assert_cross_site(&self) {
        self.assert_problem(StatusCode::FORBIDDEN, Some("cross_site"));
        assert_eq!(self.reason, Some(Reason::CrossSite));
        assert_eq!(self.parameter("realm").as_deref(), Some("api"));
        let absent = ["error", "error_description", "scope"];
        assert!(absent.iter().all(|name| self.parameter(name).is_none()), "{self:?}");
    }

    /// These challenges in this order, each with its scheme and its `error`; and the reason.
    pub(crate) fn assert_challenged(&self, status: u16, reason: Reason, expected: &[(&str, Option<&str>)]) {
        assert_eq!(self.reason, Some(reason), "{self:?}");
        let challenges = self.challenges();
        let parameter = |parameters: &[(String, String)], name: &str| {
            parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone())
        };
        let told: Vec<_> =
            challenges.iter().map(|(scheme, told)| (scheme.as_str(), parameter(told, "error"))).collect();
        let expected: Vec<_> = expected.iter().map(|(scheme, error)| (*scheme, error.map(str::to_owned))).collect();
        assert_eq!(told, expected, "{self:?}");
        let error = expected.iter().find_map(|(_, error)| error.as_deref());
        self.assert_problem(StatusCode::from_u16(status).unwrap(), error);
        self.assert_description();
    }

    /// D401: the DPoP line alone.
    pub(crate) fn assert_invalid_proof(&self, reason: Reason) {
        self.assert_challenged(401, reason, &[("DPoP", Some("invalid_dpop_proof"))]);
        assert!(!self.headers.contains_key("dpop-nonce"), "{self:?}");
    }

    /// N401: the DPoP line alone, and one nonce.
    pub(crate) fn assert_use_nonce(&self) -> String {
        self.assert_challenged(401, Reason::NonceRequired, &[("DPoP", Some("use_dpop_nonce"))]);
        let nonces: Vec<_> = self.headers.get_all("dpop-nonce").iter().collect();
        assert_eq!(nonces.len(), 1, "{self:?}");
        nonces[0].to_str().unwrap().to_owned()
    }

    /// R503: no challenge, and when to come again.
    pub(crate) fn assert_unavailable(&self) {
        self.assert_unavailable_because(Reason::KeysUnavailable);
    }

    /// R503 for this reason.
    pub(crate) fn assert_unavailable_because(&self, reason: Reason) {
        self.assert_problem(StatusCode::SERVICE_UNAVAILABLE, None);
        assert_eq!(self.reason, Some(reason));
        assert!(!self.headers.contains_key(WWW_AUTHENTICATE), "{self:?}");
        let retry_after: u64 = self.headers[RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!((1..=60).contains(&retry_after), "{self:?}");
    }

    /// R429: no challenge, and when to come again.
    pub(crate) fn assert_retry_later(&self, seconds: u64) {
        self.assert_problem(StatusCode::TOO_MANY_REQUESTS, None);
        assert_eq!(self.reason, Some(Reason::RefetchExhausted));
        assert!(!self.headers.contains_key(WWW_AUTHENTICATE), "{self:?}");
        assert_eq!(self.headers[RETRY_AFTER], seconds.to_string(), "{self:?}");
    }

    fn assert_refused(&self, status: StatusCode, error: Option<&str>, reason: Reason) {
        assert_eq!(self.reason, Some(reason), "{self:?}");
        self.assert_problem(status, error);
        assert_eq!(self.parameter("realm").as_deref(), Some("api"));
        assert_eq!(self.parameter("error").as_deref(), error);
        self.assert_description();
    }

    /// One fixed sentence for each `error`, and one more for an expired token; and the same in the body, unless that says
    /// more.
    fn assert_description(&self) {
        for (_, parameters) in self.challenges() {
            let parameter = |name: &str| parameters.iter().find(|(found, _)| found == name).map(|(_, value)| &**value);
            let description = parameter("error").map(|error| description(error, self.reason));
            assert_eq!(parameter("error_description"), description, "{self:?}");
            let detail = &self.json()["detail"];
            match parameter("error") {
                None => {}
                Some("invalid_request") => assert!(DETAILS_OF_INVALID_REQUEST.iter().any(|text| detail == *text)),
                Some(_) => assert_eq!(detail.as_str(), description, "{self:?}"),
            }
        }
    }

    /// RFC 9457, and nothing that a cache could keep.
    pub(crate) fn assert_problem(&self, status: StatusCode, error: Option<&str>) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(!self.reached, "{self:?}");
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        assert_eq!(self.headers[CACHE_CONTROL], "no-store");
        let body = self.json();
        assert_eq!(body["status"], status.as_u16());
        assert_eq!(body["title"].as_str(), status.canonical_reason());
        assert_eq!(body.get("error").and_then(Value::as_str), error);
        assert!(body["detail"].is_string());
    }
}

fn description(error: &str, reason: Option<Reason>) -> &'static str {
    match error {
        "invalid_request" => "The request is malformed",
        "invalid_token" if reason == Some(Reason::Expired) => "The access token has expired",
        "invalid_token" => "The access token is not valid here",
        "insufficient_scope" => "The access token lacks a scope that this request needs",
        "invalid_dpop_proof" => "The DPoP proof is not valid for this request",
        "use_dpop_nonce" => "The DPoP proof needs a nonce of this server",
        "insufficient_user_authentication" => "The request needs a stronger or more recent authentication",
        _ => panic!("{error} has no description"),
    }
}

const DETAILS_OF_INVALID_REQUEST: [&str; 2] = [
    "The credentials of the request are malformed",
    "The address of the request is ambiguous; its credentials were not checked",
];
