//! Rounds in which all that is compared is run one after the other, so that a machine that is slower for a while is
//! slower for all of it.

use std::time::Instant;

use crate::Group;
use crate::Reading;
use crate::work::Case;

/// Runs what it is given and tells how often it asked for memory, and for how many bytes.
pub type Counter = fn(&mut dyn FnMut()) -> (u64, u64);

/// The medians of `rounds` rounds.
pub(crate) fn time(group: &mut Group, rounds: usize) -> Vec<Reading> {
    let title = group.title().to_owned();
    let cases = group.cases();
    let mut costs = vec![Vec::with_capacity(rounds); cases.len()];
    let mut ratios = costs.clone();
    for round in 0..=rounds {
        let taken = one_round(cases, round % 2 == 1);
        // The first warms up.
        if round == 0 {
            continue;
        }
        let cost = |case: &Case, own: f64| own - case.anyway.and_then(|at| taken.get(at)).unwrap_or(&0.0);
        let yardstick = taken.first().copied().unwrap_or(f64::NAN);
        for (((case, own), costs), ratios) in cases.iter().zip(&taken).zip(&mut costs).zip(&mut ratios) {
            costs.push(cost(case, *own));
            ratios.push(cost(case, *own) / yardstick);
        }
    }
    let reading = |((case, costs), ratios): ((&Case, Vec<f64>), Vec<f64>)| Reading {
        title: title.clone(),
        name: named(cases, case),
        nanoseconds: Some(median(costs)),
        ratio: Some(median(ratios)),
        ..Reading::default()
    };
    cases.iter().zip(costs).zip(ratios).map(reading).collect()
}

/// Allocations and bytes for a token.
pub(crate) fn count(group: &mut Group, counter: Counter) -> Vec<Reading> {
    let title = group.title().to_owned();
    let mut counted: Vec<Option<(f64, f64)>> = Vec::new();
    for case in group.cases() {
        if !case.work.is_on_one_thread() {
            counted.push(None);
            continue;
        }
        // What happens once happens here.
        case.work.prepare();
        case.work.run();
        case.work.prepare();
        let tokens = case.work.tokens() as f64;
        let (count, bytes) = counter(&mut || case.work.run());
        let (before, bytes_before) = case.anyway.and_then(|at| *counted.get(at)?).unwrap_or_default();
        counted.push(Some((count as f64 / tokens - before, bytes as f64 / tokens - bytes_before)));
    }
    let cases = group.cases();
    let reading = |(case, counted): (&Case, Option<(f64, f64)>)| Reading {
        title: title.clone(),
        name: named(cases, case),
        allocations: counted.map(|(count, _)| count),
        bytes: counted.map(|(_, bytes)| bytes),
        ..Reading::default()
    };
    cases.iter().zip(counted).map(reading).collect()
}

/// Nanoseconds for a token, in the order of the cases; run backwards every other time, because work finds the caches
/// as that before it left them.
fn one_round(cases: &mut [Case], backwards: bool) -> Vec<f64> {
    let mut taken = vec![0.0; cases.len()];
    let mut run = |(case, taken): (&mut Case, &mut f64)| {
        case.work.prepare();
        let began = Instant::now();
        case.work.run();
        *taken = began.elapsed().as_secs_f64() * 1e9 / case.work.tokens() as f64;
    };
    match backwards {
        true => cases.iter_mut().zip(&mut taken).rev().for_each(&mut run),
        false => cases.iter_mut().zip(&mut taken).for_each(&mut run),
    }
    taken
}

fn named(cases: &[Case], case: &Case) -> String {
    match case.anyway.and_then(|at| cases.get(at)) {
        Some(anyway) => format!("{}, over the {}", case.name, anyway.name),
        None => case.name.clone(),
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
