//! Requests, fetches and rotations at once, in every order that a scheduler tries. Nobody waits for ever in any of
//! them, or the scheduler says so.

mod tokens;
mod world;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use shuttle::future::block_on;
use shuttle::future::spawn;
use shuttle::future::yield_now;

use self::tokens::AUDIENCE;
use self::tokens::JUNK;
use self::tokens::NEW;
use self::tokens::OLD;
use self::tokens::Signed;
use self::world::Fault;
use self::world::ISSUER;
use self::world::Published;
use self::world::Stopped;
use self::world::World;
use self::world::explore;
use self::world::key_id;
use crate::error::Reason;
use crate::issuer::Issuer;
use crate::issuer::Profile;
use crate::keys::Answer;
use crate::keys::Ask;
use crate::keys::KeyErrorKind;
use crate::keys::KeySettings;
use crate::keys::KeySource;
use crate::keys::NoKeys;
use crate::keys::remote::explored::Handle;
use crate::verifier::Verifier;

#[test]
fn a_cold_start_is_one_fetch_for_all_whoever_gives_up() {
    explore(|| {
        let world = World::patient();
        let requests: Vec<_> = (0..4).map(|_| spawn(world.clone().request())).collect();
        requests[0].abort();
        requests[2].abort();
        block_on(async {
            for (at, request) in requests.into_iter().enumerate() {
                let Ok(keys) = request.await else {
                    assert!(at % 2 == 0, "a request ends though it did not give up");
                    continue;
                };
                assert_eq!(key_id(&keys.unwrap()), 0);
            }
            let answer = world.keys.keys(Ask::Any(world.keys.arrival()));
            assert!(matches!(answer, Answer::Ready(Ok(_))), "a request waits for what has landed");
            world.assert_all_land().await;
        });
        assert_eq!(world.issuer.asked(), 1);
    });
}

#[test]
fn whoever_waits_gets_keys_or_is_told_when_its_time_is_up() {
    explore(|| {
        let world = World::impatient();
        let requests: Vec<_> = (0..3).map(|_| spawn(world.clone().request())).collect();
        let is_ready = block_on(world.keys.ready()).is_ok();
        block_on(world.assert_all_land());
        for request in requests {
            match block_on(request).unwrap() {
                Ok(keys) => assert_eq!(key_id(&keys), 0),
                Err(no_keys) => assert!(matches!(no_keys, NoKeys::Unavailable { .. }), "{no_keys:?}"),
            }
        }
        let answer = world.keys.keys(Ask::Any(world.keys.arrival()));
        assert!(matches!(answer, Answer::Ready(keys) if keys.is_ok() == is_ready));
        assert!(world.issuer.asked() <= 1, "a fetch begins again though no time has passed");
    });
}

#[test]
fn an_answer_that_a_younger_fetch_has_overtaken_changes_nothing() {
    explore(|| {
        let world = World::patient();
        block_on(world.keys.ready()).unwrap();
        // From 480 s on, within a tenth, they are refreshed behind.
        world.clock.advance(550);
        let seen = Arc::<Mutex<Seen>>::default();
        let readers: Vec<_> = (0..2).map(|_| spawn(read(world.clone(), Arc::clone(&seen)))).collect();
        let operators: Vec<_> = (0..2).map(|_| spawn(rotate(world.clone()))).collect();
        block_on(async {
            for ended in readers.into_iter().chain(operators) {
                ended.await.unwrap();
            }
            world.assert_all_land().await;
            assert_eq!(key_id(&world.clone().request().await.unwrap()), 2, "an old answer came last");
        });
    });
}

#[derive(Debug, Default)]
struct Seen {
    landing: u64,
    generation: u64,
    /// The name of the key, for each generation.
    key_ids: HashMap<u64, u64>,
}

/// Reads a few times: landings and generations never go back, and a generation is one set.
async fn read(world: World, seen: Arc<Mutex<Seen>>) {
    for _ in 0..3 {
        let (landing, generation) = {
            let seen = seen.lock().unwrap();
            (seen.landing, seen.generation)
        };
        let keys = world.clone().request().await.unwrap();
        assert!(keys.landing >= landing, "landing {} after {landing}", keys.landing);
        assert!(keys.generation >= generation, "generation {} after {generation}", keys.generation);
        let (mut seen, key_id) = (seen.lock().unwrap(), key_id(&keys));
        seen.landing = seen.landing.max(keys.landing);
        seen.generation = seen.generation.max(keys.generation);
        assert_eq!(*seen.key_ids.entry(keys.generation).or_insert(key_id), key_id, "two sets of one generation");
    }
}

/// What an operator refreshes has at least the keys that were published before.
async fn rotate(world: World) {
    let published = world.issuer.rotate();
    world.keys.refresh().await.unwrap();
    let held = key_id(&world.request().await.unwrap());
    assert!(held >= published, "key {held} after {published}");
}

#[test]
fn a_rotation_is_seen_by_every_request_that_comes_after_it() {
    explore(|| {
        let issuer = Published::new(tokens::jwks(&[&OLD]));
        let settings =
            KeySettings { wait: Duration::MAX, timeout: Duration::MAX, refetch_budget: 100, ..KeySettings::default() };
        let trusted = Issuer::new(ISSUER, AUDIENCE).with_profile(Profile::Jwt).with_jwks_uri(ISSUER);
        let builder = Verifier::builder(trusted).with_keys(settings).with_fetch(issuer.clone());
        let verifier = builder.with_clock(Stopped::default()).build().unwrap();
        block_on(verifier.ready()).unwrap();

        let verdict = move |signed: &'static Signed| {
            let verifier = verifier.clone();
            spawn(async move { verifier.verify(&signed.token).await.map(drop).map_err(|error| error.reason()) })
        };
        let junk = [verdict(&JUNK), verdict(&JUNK)];
        let old = verdict(&OLD);
        let new = spawn(async move {
            issuer.publish(tokens::jwks(&[&OLD, &NEW]));
            [verdict(&NEW), verdict(&NEW)]
        });
        block_on(async {
            for new in new.await.unwrap() {
                assert_eq!(new.await.unwrap(), Ok(()));
            }
            assert_eq!(old.await.unwrap(), Ok(()));
            for junk in junk {
                assert_eq!(junk.await.unwrap(), Err(Reason::UnknownKey));
            }
        });
    });
}

#[test]
fn a_fetch_that_panics_has_failed_and_another_can_begin() {
    explore(|| {
        let world = World::patient();
        world.issuer.set_fault(Some(Fault::Panics));
        let requests: Vec<_> = (0..3).map(|_| spawn(world.clone().request())).collect();
        for request in requests {
            assert!(matches!(block_on(request).unwrap(), Err(NoKeys::Unavailable { .. })));
        }
        assert_can_begin_again(&world);
    });
}

#[test]
fn a_fetch_whose_runtime_shuts_down_has_failed_and_another_can_begin() {
    explore(|| {
        let world = World::patient();
        world.issuer.set_fault(Some(Fault::IsSilent));
        let requests: Vec<_> = (0..3).map(|_| spawn(world.clone().request())).collect();
        block_on(async {
            while Handle::drop_tasks() == 0 {
                yield_now().await;
            }
            for request in requests {
                assert!(matches!(request.await.unwrap(), Err(NoKeys::Unavailable { .. })));
            }
        });
        assert_can_begin_again(&world);
    });
}

fn assert_can_begin_again(world: &World) {
    let status = world.keys.status();
    assert_eq!(status.last_error.unwrap().kind(), KeyErrorKind::Aborted);
    assert_eq!(status.counters.failures, 1);
    block_on(world.assert_all_land());
    world.issuer.set_fault(None);
    world.clock.advance(2);
    assert_eq!(key_id(&block_on(world.clone().request()).unwrap()), 0);
}
