//! The payload of a token and where its registered claims stand (RFC 7519, section 4.1; RFC 9068, section 2.2).

use smallvec::SmallVec;
use smallvec::smallvec;

use crate::claims::Claim;
use crate::claims::Confirmation;
use crate::claims::KindHints;
use crate::error::Failure;
use crate::token::json;
use crate::token::json::Text;

/// Where the registered claims of a payload stand. Names nothing by itself: readers pass the payload it was read from.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClaimSet {
    issuer: Claim<Text>,
    subject: Claim<Text>,
    audience: Claim<SmallVec<[Text; 1]>>,
    expires_at: Claim<f64>,
    not_before: Claim<f64>,
    issued_at: Claim<f64>,
    token_id: Claim<Text>,
    client_id: Claim<Text>,
    authorized_party: Claim<Text>,
    scope: Option<Words>,
    scp: Option<Words>,
    pub(crate) confirmation: Confirmation,
    pub(crate) kind: KindHints,
}

/// Scopes as a space-separated string or an array of strings.
#[derive(Clone, Debug)]
enum Words {
    Separated(Text),
    Listed(Vec<Text>),
}

impl ClaimSet {
    /// # Errors
    ///
    /// [`Failure::Malformed`] if the payload is no strict JSON object.
    pub(crate) fn read(payload: &str) -> Result<Self, Failure> {
        let mut claims = Self::default();
        json::object(payload, |name, raw| claims.take(payload, name, raw)).map_err(Failure::Malformed)?;
        Ok(claims)
    }

    pub(crate) fn issuer<'a>(&'a self, payload: &'a str) -> Claim<&'a str> {
        self.issuer.map(|text| text.within(payload))
    }

    pub(crate) fn subject<'a>(&'a self, payload: &'a str) -> Claim<&'a str> {
        self.subject.map(|text| text.within(payload))
    }

    pub(crate) fn token_id<'a>(&'a self, payload: &'a str) -> Claim<&'a str> {
        self.token_id.map(|text| text.within(payload))
    }

    pub(crate) fn client_id<'a>(&'a self, payload: &'a str) -> Claim<&'a str> {
        self.client_id.map(|text| text.within(payload))
    }

    pub(crate) fn authorized_party<'a>(&'a self, payload: &'a str) -> Claim<&'a str> {
        self.authorized_party.map(|text| text.within(payload))
    }

    /// Whether it says what a client may do, or which client it is, as access tokens do.
    pub(crate) fn has_scope_or_client_id(&self) -> bool {
        self.scope.is_some() || self.scp.is_some() || !self.client_id.is_absent()
    }

    pub(crate) fn has_audience(&self) -> bool {
        !self.audience.is_absent()
    }

    /// # Errors
    ///
    /// [`Failure::WrongClaim`] if `aud` is neither a string nor an array of strings.
    pub(crate) fn audience<'a>(&'a self, payload: &'a str) -> Result<impl Iterator<Item = &'a str> + Clone, Failure> {
        let audience = match &self.audience {
            Claim::Absent => &[][..],
            Claim::Valid(audience) => audience,
            Claim::Invalid => return Err(Failure::wrong_claim("aud")),
        };
        Ok(audience.iter().map(|text| text.within(payload)))
    }

    /// In seconds since 1970; finite or not, never out of range.
    pub(crate) fn expires_at(&self) -> Claim<f64> {
        self.expires_at.clone()
    }

    pub(crate) fn not_before(&self) -> Claim<f64> {
        self.not_before.clone()
    }

    pub(crate) fn issued_at(&self) -> Claim<f64> {
        self.issued_at.clone()
    }

    /// The words of `scope`, or of `scp` where there is no `scope`; none if that is anything but words.
    pub(crate) fn scopes<'a>(&'a self, payload: &'a str) -> Box<dyn Iterator<Item = &'a str> + 'a> {
        match self.scope.as_ref().or(self.scp.as_ref()) {
            None => Box::new(std::iter::empty()),
            Some(Words::Separated(text)) => Box::new(text.within(payload).split(' ').filter(|word| !word.is_empty())),
            Some(Words::Listed(words)) => Box::new(words.iter().map(|text| text.within(payload))),
        }
    }

    /// About what its lists take.
    pub(crate) fn bytes(&self) -> usize {
        let listed = |words: &Option<Words>| match words {
            Some(Words::Listed(words)) => words.len(),
            Some(Words::Separated(_)) | None => 0,
        };
        let audiences = if let Claim::Valid(audience) = &self.audience { audience.len() } else { 0 };
        (listed(&self.scope) + listed(&self.scp) + audiences) * size_of::<Text>()
    }

    fn take(&mut self, payload: &str, name: &str, raw: &str) {
        let text = || Claim::read(raw, |raw| Text::read(payload, raw));
        let date = || Claim::read(raw, numeric_date);
        match name {
            "iss" => self.issuer = text(),
            "sub" => self.subject = text(),
            "aud" => self.audience = Claim::read(raw, |raw| one_or_many(payload, raw)),
            "exp" => self.expires_at = date(),
            "nbf" => self.not_before = date(),
            "iat" => self.issued_at = date(),
            "jti" => self.token_id = text(),
            "client_id" => self.client_id = text(),
            "azp" => self.authorized_party = text(),
            "scope" => self.scope = words(payload, raw),
            "scp" => self.scp = words(payload, raw),
            "cnf" => self.confirmation = Confirmation::read(payload, raw),
            _ => {}
        }
        self.kind.take(name, raw);
    }
}

/// Any JSON number is one, a fraction too (RFC 7519, section 2).
pub(crate) fn numeric_date(raw: &str) -> Option<f64> {
    if json::is_number(raw) { raw.parse().ok() } else { None }
}

fn one_or_many(payload: &str, raw: &str) -> Option<SmallVec<[Text; 1]>> {
    match Text::read(payload, raw) {
        Some(one) => Some(smallvec![one]),
        None => many(payload, raw).map(SmallVec::from_vec),
    }
}

fn many(payload: &str, raw: &str) -> Option<Vec<Text>> {
    let mut texts = Some(Vec::new());
    json::elements(raw, |element| match (&mut texts, Text::read(payload, element)) {
        (Some(texts), Some(text)) => texts.push(text),
        _ => texts = None,
    })?;
    texts
}

fn words(payload: &str, raw: &str) -> Option<Words> {
    if raw == "null" {
        return None;
    }
    let listed = || many(payload, raw).map(Words::Listed);
    Some(Text::read(payload, raw).map(Words::Separated).or_else(listed).unwrap_or(Words::Listed(Vec::new())))
}
