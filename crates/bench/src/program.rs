//! What the programs that measure have in common.

use std::env;
use std::hint::black_box;
use std::process::exit;

use crate::Counter;
use crate::Group;
use crate::Report;
use crate::Work;
use crate::groups::MakeGroup;
use crate::measure;

/// Measures times and prints them.
pub fn time(groups: Vec<MakeGroup>) {
    let asked = Asked::read();
    asked.report(groups, |group| measure::time(group, asked.rounds));
}

/// Counts allocations and prints them.
pub fn allocations(groups: Vec<MakeGroup>, counter: Counter) {
    Asked::read().report(groups, |group| measure::count(group, counter));
}

/// Runs each piece of work once, through a function that callgrind is told to watch, and says in which order: group,
/// work, tokens, and the place of the work that would be done anyway.
pub fn instructions(groups: Vec<MakeGroup>) {
    let mut place = 0;
    for make in groups {
        let mut group = make();
        let (title, first) = (group.title().to_owned(), place);
        for case in group.cases() {
            // What happens once happens here.
            case.work.prepare();
            case.work.run();
            case.work.prepare();
            forgotten();
            written_down(&mut *case.work);
            place += 1;
            let anyway = case.anyway.map(|at| (first + at + 1).to_string()).unwrap_or_default();
            println!("{title}\t{}\t{}\t{anyway}", case.name, case.work.tokens());
        }
    }
}

/// Where callgrind forgets what came before: signatures are left out by switching the count over at their verification,
/// so those that are verified outside of what counts were counted.
#[inline(never)]
fn forgotten() {
    black_box(());
}

/// Where callgrind writes down what it counted. A function of its own, because callgrind heeds one option for each.
#[inline(never)]
fn written_down(work: &mut dyn Work) {
    counted(work);
    black_box(work.tokens());
}

/// What callgrind counts. Does something after the run, because a call in the last place would be a jump, and callgrind
/// would not see where this ends.
#[inline(never)]
fn counted(work: &mut dyn Work) {
    work.run();
    black_box(work.tokens());
}

/// What the command line asks for.
struct Asked {
    rounds: usize,
    form: Form,
    titles: Vec<String>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Form {
    Lines,
    Markdown,
}

impl Asked {
    fn read() -> Self {
        let mut asked = Self { rounds: ROUNDS, form: Form::Markdown, titles: Vec::new() };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--lines" => asked.form = Form::Lines,
                "--rounds" => {
                    asked.rounds = arguments.next().and_then(|rounds| rounds.parse().ok()).unwrap_or_else(stop)
                }
                option if option.starts_with('-') => stop(),
                _ => asked.titles.push(argument),
            }
        }
        asked
    }

    fn report(&self, groups: Vec<MakeGroup>, measure: impl Fn(&mut Group) -> Vec<crate::Reading>) {
        let mut report = Report::default();
        for make in groups {
            let mut group = make();
            if !self.titles.is_empty() && !self.titles.iter().any(|title| group.title().starts_with(title)) {
                continue;
            }
            eprintln!("{}", group.title());
            measure(&mut group).into_iter().for_each(|reading| report.add(reading));
        }
        match self.form {
            Form::Lines => print!("{}", report.to_lines()),
            Form::Markdown => print!("{}", report.to_markdown()),
        }
    }
}

fn stop<T>() -> T {
    eprintln!("usage: [--rounds N] [--lines] [GROUP…]; a group is named by the start of its title");
    exit(2)
}

const ROUNDS: usize = 1001;
