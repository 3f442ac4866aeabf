//! In which form refusals are answered: `grpc`.

use crate::config::AuthConfigBuilder;
use crate::config::section::Section;
use crate::respond::GrpcAnswers;

/// As it is configured.
#[derive(Debug, Default)]
pub(crate) struct AnswerOptions {
    pub(super) grpc: GrpcAnswers,
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
}

pub(super) fn read(root: &mut Section, mut builder: AuthConfigBuilder) -> AuthConfigBuilder {
    if let Some(grpc) = root.name("grpc") {
        builder = builder.with_grpc(grpc);
    }
    builder
}
