//! What the client of `step_up` learns, and what comes of it.

use crate::program::Program;

#[tokio::test]
async fn its_client_learns_from_the_401_what_is_needed() {
    let mut program = Program::start("step_up", &[]);
    for expected in [
        "with a password, an hour ago: 401 Unauthorized",
        "needed: hardware_key one_time_code, within 300 s",
        "with hardware_key, just now: 200 OK",
        "paid by alice",
    ] {
        assert_eq!(program.line().await, expected);
    }
}
