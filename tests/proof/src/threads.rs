//! Work on a few threads.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// Does each of the work once, in any order; answers in order.
pub fn on_threads<W: Sync, R: Send>(work: &[W], threads: usize, each: impl Fn(&W) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(work.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while let Some((index, one)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    work.get(index).map(|one| (index, one))
                } {
                    let result = each(one);
                    done.lock().unwrap().push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
