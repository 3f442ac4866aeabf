//! The gRPC service and its client, with the feature `grpc`.

use crate::program::Program;

#[tokio::test]
async fn its_calls_are_unauthenticated_denied_and_served() {
    let mut program = Program::start("grpc", &[]);
    assert_eq!(program.line().await, r#"without a token: Unauthenticated, Bearer realm="api""#);
    let denied = program.line().await;
    assert!(denied.starts_with(r#"with another scope: PermissionDenied, Bearer realm="api", "#), "{denied}");
    assert!(denied.ends_with(r#", scope="read:health""#), "{denied}");
    assert_eq!(program.line().await, "with the scope: Serving");
}
