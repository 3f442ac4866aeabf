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

    /// The parameters of the Bearer challenge, where both schemes are accepted: DPoP's stands before it, on its own line.
    pub(crate) fn challenge(&self) -> Vec<(String, String)> {
        let [(first, dpop), (second, bearer)] = self.challenges().try_into().unwrap();
        assert_eq!((first.as_str(), second.as_str()), ("DPoP", "Bearer"), "{self:?}");
        let has = |challenge: &[(String, String)], name: &str| challenge.iter().any(|(found, _)| found == name);
        assert!(has(&dpop, "algs") && !has(&dpop, "realm"), "{self:?}");
        assert!(has(&bearer, "realm") && !has(&bearer, "algs"), "{self:?}");
        bearer
    }

    /// Schemes and their parameters, each from its own line, as a second parser reads them.
    pub(crate) fn challenges(&self) -> Vec<(String, Vec<(String, String)>)> {
        let lines = self.headers.get_all(WWW_AUTHENTICATE).iter();
        lines.map(|line| self.one_challenge(line.to_str().unwrap())).collect()
    }

    fn one_challenge(&self, line: &str) -> (String, Vec<(String, String)>) {
        let challenges = http_auth::parse_challenges(line).unwrap();
        assert_eq!(challenges.len(), 1, "{self:?}");
        let parameters = challenges[0].params.iter();
        let parameters = parameters.map(|(name, value)| ((*name).to_owned(), value.to_unescaped())).collect();
        (challenges[0].scheme.to_owned(), parameters)
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
        assert!(["error", "error_description"].iter().all(|name| self.parameter(name).is_none()), "{self:?}");
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
        for (scheme, told) in &challenges {
            assert_eq!(parameter(told, "realm").is_some(), scheme == "Bearer", "{self:?}");
            assert_eq!(parameter(told, "algs").is_some(), scheme == "DPoP", "{self:?}");
            assert_eq!(parameter(told, "error").is_some(), parameter(told, "error_description").is_some(), "{self:?}");
        }
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

    fn assert_refused(&self, status: StatusCode, error: Option<&str>, reason: Reason) {
        assert_eq!(self.reason, Some(reason), "{self:?}");
        self.assert_problem(status, error);
        assert_eq!(self.parameter("realm").as_deref(), Some("api"));
        assert_eq!(self.parameter("error").as_deref(), error);
        let description = self.parameter("error_description");
        assert_eq!(description.is_some(), error.is_some(), "{self:?}");
        assert!(description.is_none_or(|description| self.json()["detail"] == *description), "{self:?}");
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
