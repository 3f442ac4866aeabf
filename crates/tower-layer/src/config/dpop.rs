//! How proofs of possession are judged: `[dpop]`.

use claviger_core::Algorithm;
use claviger_core::DpopMode;
use claviger_core::DpopSettings;
use claviger_core::NonceSecret;
use claviger_core::TokenScheme;
use claviger_core::error::Problems;
use serde_json::Value;

use crate::config::AuthConfigBuilder;
use crate::config::address::Address;
use crate::config::replay;
use crate::config::secret;
use crate::config::secret::Secret;
use crate::config::section::Section;

/// What challenges and metadata tell of it.
#[derive(Debug)]
pub(crate) struct Dpop {
    pub(crate) mode: DpopMode,
    /// The names of the algorithms, separated by spaces (RFC 9449, section 7.1).
    pub(crate) algorithms: Box<str>,
    /// The scheme whose challenge comes first where the request used none.
    pub(crate) first_scheme: TokenScheme,
}

impl AuthConfigBuilder {
    /// Which schemes are taken, and how proofs of possession are judged (RFC 9449). Proofs are for an address, so that has
    /// to be known: [`with_public_url`](Self::with_public_url), or [`with_hosts`](Self::with_hosts), or the origin of
    /// [`with_resource`](Self::with_resource). Without it DPoP is served on loopback hosts alone.
    pub fn with_dpop(self, dpop: DpopSettings) -> Self {
        self.map_verifier(|verifier| verifier.with_dpop(dpop))
    }
}

impl Dpop {
    /// Checks it together with what else is configured; what it says by itself is checked by the verifier.
    pub(super) fn check(
        settings: &DpopSettings,
        has_address: bool,
        only_field: bool,
        has_certificates: bool,
        problems: &mut Problems,
    ) -> Self {
        if settings.mode() == DpopMode::Required {
            if !has_address {
                let message = "needs our own address, which proofs are for: `public_url`, `hosts` or `resource`";
                problems.add("dpop.mode", message);
            }
            if !only_field {
                let message = "must be \"authorization\" alone where `dpop.mode` is \"required\": no other has a proof";
                problems.add("sources", message);
            }
        }
        let algorithms: Vec<_> = settings.algorithm_names().collect();
        // Where every token must be bound, and no certificate is there to bind it, a bearer token cannot pass.
        let needs_key = settings.mode() == DpopMode::Bound && !has_certificates;
        let first_scheme = if needs_key { TokenScheme::Dpop } else { TokenScheme::Bearer };
        Self { mode: settings.mode(), algorithms: algorithms.join(" ").into(), first_scheme }
    }

    /// Says so where it is served to clients on this machine alone.
    pub(super) fn tell_where(&self, address: &Address) {
        if self.mode.accepts(TokenScheme::Dpop) && !address.is_known() {
            tracing::info!("DPoP is served on loopback hosts alone, because neither `public_url` nor `hosts` is set");
        }
    }
}

pub(super) fn read(mut table: Section) -> DpopSettings {
    let mut settings = DpopSettings::default();
    if let Some(mode) = table.name::<DpopMode>("mode") {
        settings = settings.with_mode(mode);
    }
    if let Some(algorithms) = algorithms(&mut table) {
        settings = settings.with_algorithms(algorithms);
    }
    if let Some(age) = table.duration("proof_max_age") {
        settings = settings.with_proof_max_age(age);
    }
    if let Some(leeway) = table.duration("proof_leeway") {
        settings = settings.with_proof_leeway(leeway);
    }
    let secrets = secrets(&mut table);
    settings = match table.text("nonce").as_deref() {
        Some("required") => settings.require_nonce(secrets),
        Some("off") | None => settings.with_nonce_secrets(secrets),
        Some(_) => {
            table.problem("nonce", "must be \"off\" or \"required\"");
            settings
        }
    };
    settings = replay::read(&mut table, settings);
    if let Some(on_failure) = table.name("store_failure") {
        settings = settings.with_store_failure(on_failure);
    }
    table.close();
    settings
}

fn algorithms(table: &mut Section) -> Option<Vec<Algorithm>> {
    let names = table.texts("algorithms")?;
    let mut algorithms = Vec::with_capacity(names.len());
    for name in &names {
        match name.parse::<Algorithm>() {
            Ok(algorithm) => algorithms.push(algorithm),
            Err(unknown) => table.problem("algorithms", format!("{name:?} {unknown}")),
        }
    }
    // Those that are unknown were told; that none is left need not be.
    (algorithms.len() == names.len()).then_some(algorithms)
}

fn secrets(table: &mut Section) -> Vec<NonceSecret> {
    let values = match table.take("nonce_secrets") {
        None => return Vec::new(),
        Some(Value::Array(values)) if !values.is_empty() => values,
        Some(one @ Value::Object(_)) => vec![one],
        Some(Value::Array(_)) => {
            table.problem("nonce_secrets", "must not be empty; leave it out instead");
            return Vec::new();
        }
        Some(_) => {
            table.problem("nonce_secrets", SECRETS);
            return Vec::new();
        }
    };
    values.into_iter().enumerate().filter_map(|(at, value)| nonce_secret(table, at, value)).collect()
}

/// A secret never stands in the file itself, which is read, copied and printed too easily.
fn nonce_secret(table: &Section, at: usize, value: Value) -> Option<NonceSecret> {
    let name = format!("nonce_secrets[{at}]");
    let Value::Object(members) = value else {
        table.problem(&name, SECRETS);
        return None;
    };
    let mut place = table.inner(table.path_of(&name), members);
    let found = match secret::read(&mut place) {
        Some(Secret::InFile(path)) => Some(NonceSecret::from_file(path)),
        Some(Secret::InVariable(name)) => Some(NonceSecret::from_env(name)),
        None => {
            table.problem(&name, SECRETS);
            None
        }
    };
    place.close();
    found
}

const SECRETS: &str = "must be { file = \"…\" } or { env = \"…\" }";
