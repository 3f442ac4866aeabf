//! One table, and a chart, of what the programs that measure have written: see `table.sh`.
//!
//! `table [--chart FILE GROUP TITLE] READINGS…`

use std::env;
use std::error::Error;
use std::fs;

use claviger_bench::Reading;
use claviger_bench::Report;
use claviger_bench::chart;

fn main() -> Result<(), Box<dyn Error>> {
    let mut report = Report::default();
    let mut drawing = None;
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut next = || arguments.next().ok_or("--chart FILE GROUP TITLE");
        if argument == "--chart" {
            drawing = Some((next()?, next()?, next()?));
            continue;
        }
        for line in fs::read_to_string(&argument)?.lines() {
            report.add(Reading::parse(line).ok_or_else(|| format!("{argument}: {line:?} is no reading"))?);
        }
    }
    print!("{}", report.to_markdown());
    if let Some((file, group, title)) = drawing {
        fs::write(file, chart::svg(&title, report.of(&group)))?;
    }
    Ok(())
}
