//! The gRPC service and its client, with the feature `grpc`.

use crate::program::Program;

#[tokio::test]
async fn its_calls_are_unauthenticated_denied_and_served() {
    let mut program = Program::start("grpc", &[]);
    let anonymous = program.line().await;
    assert!(
        anonymous.starts_with(r#"without a token: Unauthenticated, Bearer realm="api", DPoP algs="#),
        "{anonymous}"
    );
    let denied = program.line().await;
    assert!(denied.starts_with(r#"with another scope: PermissionDenied, Bearer realm="api", "#), "{denied}");
    assert!(denied.contains(r#", scope="read:health", DPoP "#), "{denied}");
    assert_eq!(program.line().await, "with the scope: Serving");
}
