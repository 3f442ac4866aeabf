//! How much of the bodies of refused requests is read.

use std::time::Duration;

use claviger_core::error::Problems;

use crate::drain::DrainBody;
use crate::drain::body::BodyType;

/// How much of the bodies of refused requests is read, and which types of bodies. See the [module docs](crate::drain).
///
/// # Defaults
///
/// | Setting | Default |
/// |---|---|
/// | `max_bytes` of one body | 16 MiB |
/// | `max_time` for one body | 10 s |
/// | `max_count` of bodies that are read at once | 1,024 |
///
/// ```
/// use claviger::AuthConfig;
/// use claviger::DrainSettings;
/// use claviger::Issuer;
///
/// let cfg = AuthConfig::builder(Issuer::new("https://tenant.example.com/", "https://api.example.com"))
///     .with_drain(DrainSettings::default().with_max_bytes(64 * 1024 * 1024))
///     .build()?;
/// # let _ = cfg;
/// # Ok::<(), claviger::error::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DrainSettings {
    pub(super) max_bytes: u64,
    pub(super) max_time: Duration,
    pub(super) max_count: usize,
    pub(super) body_types: Vec<BodyType>,
}

impl DrainSettings {
    /// Reads at most this many bytes of one body. A request whose `Content-Length` is above it is answered with
    /// `Connection: close`, and its body is not read.
    #[must_use]
    pub fn with_max_bytes(self, bytes: u64) -> Self {
        Self { max_bytes: bytes, ..self }
    }

    /// Reads one body for at most this long; more than zero.
    #[must_use]
    pub fn with_max_time(self, time: Duration) -> Self {
        Self { max_time: time, ..self }
    }

    /// Reads at most this many bodies at once. When another one comes, the one that received least in the last second
    /// gives way. With 0 no body is read.
    #[must_use]
    pub fn with_max_count(self, count: usize) -> Self {
        Self { max_count: count, ..self }
    }

    /// Reads bodies of this type too, as those of axum and hyper are.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use claviger::DrainSettings;
    /// use http_body_util::Limited;
    /// use hyper::body::Incoming;
    ///
    /// let drain = DrainSettings::default().add_body::<Limited<Incoming>>();
    /// # let _ = drain;
    /// ```
    #[must_use]
    pub fn add_body<B: DrainBody>(mut self) -> Self {
        self.body_types.push(BodyType::of::<B>());
        self
    }

    pub(crate) fn check(&self, problems: &mut Problems) {
        if self.max_time.is_zero() {
            problems.add("drain.max_time", "must be above zero; set `max_count` to 0 to read no bodies");
        }
    }
}

impl Default for DrainSettings {
    fn default() -> Self {
        Self {
            max_bytes: 16 * 1024 * 1024,
            max_time: Duration::from_secs(10),
            max_count: 1024,
            body_types: vec![
                #[cfg(feature = "axum")]
                BodyType::of::<axum::body::Body>(),
                BodyType::of::<hyper::body::Incoming>(),
            ],
        }
    }
}
