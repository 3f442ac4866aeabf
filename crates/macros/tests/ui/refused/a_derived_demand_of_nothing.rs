use claviger::authorize::Demand;

#[derive(Demand)]
struct Read;

fn main() {}
