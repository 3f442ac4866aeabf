//! Work that is measured, and what is measured side by side.

/// Something that is done again and again.
pub trait Work {
    /// Puts in place what a run uses up; not measured.
    fn prepare(&mut self) {}

    /// One run.
    fn run(&mut self);

    /// How many tokens one run is about.
    fn tokens(&self) -> usize;

    /// Whether everything happens on the thread that calls, so that its allocations can be counted.
    fn is_on_one_thread(&self) -> bool {
        true
    }
}

/// Work that is compared: its runs alternate, and the first is what the others are multiples of.
#[must_use]
pub struct Group {
    title: String,
    cases: Vec<Case>,
}

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) work: Box<dyn Work>,
    /// What would be done anyway: the place of a case before it.
    pub(crate) anyway: Option<usize>,
}

impl Group {
    /// An empty group.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), cases: Vec::new() }
    }

    /// What it is about; the start of it selects the group.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Adds work.
    pub fn add(mut self, name: impl Into<String>, work: impl Work + 'static) -> Self {
        self.cases.push(Case { name: name.into(), work: Box::new(work), anyway: None });
        self
    }

    /// Adds work of which only the cost over other work counts: that of a route with a layer over the route without.
    ///
    /// # Panics
    ///
    /// If the group does not hold the other work.
    pub fn add_over(mut self, anyway: &str, name: impl Into<String>, work: impl Work + 'static) -> Self {
        let anyway = self.cases.iter().position(|case| case.name == anyway).expect("it was added before");
        self.cases.push(Case { name: name.into(), work: Box::new(work), anyway: Some(anyway) });
        self
    }

    pub(crate) fn cases(&mut self) -> &mut [Case] {
        &mut self.cases
    }
}

impl std::fmt::Debug for Group {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Group").field("title", &self.title).finish_non_exhaustive()
    }
}
