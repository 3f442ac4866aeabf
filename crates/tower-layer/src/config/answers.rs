//! What happens when a request is refused, besides the refusal: `grpc` and `drain`.

use crate::config::AuthConfigBuilder;
use crate::config::section::Section;
use crate::drain::DrainSettings;
use crate::respond::GrpcAnswers;

/// As it is configured.
#[derive(Debug, Default)]
pub(crate) struct AnswerOptions {
    pub(super) grpc: GrpcAnswers,
    pub(super) drain: DrainSettings,
}

impl AuthConfigBuilder {
    /// How gRPC requests are refused; by the HTTP status unless set.
    ///
    /// ```
    /// use claviger::AuthConfig;
    /// use claviger::Issuer;
    /// use claviger::respond::GrpcAnswers;
    ///
    /// let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com"))
    ///     .with_grpc(GrpcAnswers::Status)
    ///     .build()?;
    /// # let _ = cfg;
    /// # Ok::<(), claviger::error::ConfigError>(())
    /// ```
    pub fn with_grpc(mut self, grpc: GrpcAnswers) -> Self {
        self.answers.grpc = grpc;
        self
    }

    /// How much of the bodies of refused requests is read. See [`drain`](crate::drain).
    pub fn with_drain(mut self, drain: DrainSettings) -> Self {
        self.answers.drain = drain;
        self
    }
}

pub(super) fn read(root: &mut Section, mut builder: AuthConfigBuilder) -> AuthConfigBuilder {
    if let Some(grpc) = root.name("grpc") {
        builder = builder.with_grpc(grpc);
    }
    if let Some(table) = root.section("drain") {
        builder = builder.with_drain(drain(table));
    }
    builder
}

fn drain(mut table: Section) -> DrainSettings {
    let mut drain = DrainSettings::default();
    if let Some(bytes) = table.count("max_bytes") {
        drain = drain.with_max_bytes(u64::try_from(bytes).unwrap_or(u64::MAX));
    }
    if let Some(time) = table.duration("max_time") {
        drain = drain.with_max_time(time);
    }
    if let Some(count) = table.count("max_count") {
        drain = drain.with_max_count(count);
    }
    table.close();
    drain
}
