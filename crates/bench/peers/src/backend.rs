//! What verifies signatures where a peer leaves the choice.

/// A backend of jsonwebtoken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Backend {
    /// AWS-LC, as in claviger.
    AwsLc,
    /// The crates of RustCrypto: the default of both peers that leave the choice.
    RustCrypto,
}

impl Backend {
    pub(crate) fn install(self) {
        let (tenth, eleventh) = match self {
            Self::AwsLc => {
                (&jsonwebtoken_10::crypto::aws_lc::DEFAULT_PROVIDER, &jsonwebtoken_11::crypto::aws_lc::DEFAULT_PROVIDER)
            }
            Self::RustCrypto => (
                &jsonwebtoken_10::crypto::rust_crypto::DEFAULT_PROVIDER,
                &jsonwebtoken_11::crypto::rust_crypto::DEFAULT_PROVIDER,
            ),
        };
        tenth.install_default().expect("none was installed before");
        eleventh.install_default().expect("none was installed before");
    }

    pub(crate) fn named(self, peer: &str) -> String {
        match self {
            Self::AwsLc => format!("{peer} (AWS-LC)"),
            Self::RustCrypto => format!("{peer} (RustCrypto, default)"),
        }
    }
}
