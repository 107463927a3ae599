//! Which action may start: all that it waits for have ended. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Action, Plan};

/// The actions of a plan by what they still wait for.
#[derive(Debug)]
pub struct Queue {
    /// Action → number of actions that it waits for and that have not ended.
    open: Vec<usize>,
    /// Action → those that wait for it.
    waiting: Vec<Vec<usize>>,
    /// Action → what it waits for.
    needs: Vec<Vec<usize>>,
    /// Names for messages.
    names: Vec<String>,
    /// Ready, by rank and place in the plan.
    ready: BTreeSet<(u8, usize)>,
    /// Those that start when all others have ended.
    last: Vec<usize>,
    /// Actions without that mark that have not ended.
    others: usize,
    ranks: Vec<u8>,
    /// Ended → whether it is done.
    ended: BTreeMap<usize, bool>,
}

impl Queue {
    /// A queue over all actions.
    pub fn new(plan: &Plan) -> Self {
        let index: BTreeMap<_, _> = plan.actions.iter().enumerate().map(|(at, action)| (&action.id, at)).collect();
        let count = plan.actions.len();
        let is_last = |action: &Action| action.after_all.is_some();
        let mut queue = Queue {
            open: vec![0; count],
            waiting: vec![Vec::new(); count],
            needs: vec![Vec::new(); count],
            names: plan.actions.iter().map(|a| format!("{} {}", a.resource.type_name, a.resource.label())).collect(),
            ready: BTreeSet::new(),
            last: Vec::new(),
            others: plan.actions.iter().filter(|action| !is_last(action)).count(),
            ranks: plan.actions.iter().map(|action| action.rank).collect(),
            ended: BTreeMap::new(),
        };
        for (at, action) in plan.actions.iter().enumerate() {
            for wait in &action.waits_for {
                // A wait for an action that is not in the plan can never end; the planner makes none.
                queue.open[at] += 1;
                if let Some(&first) = index.get(&wait.action) {
                    queue.waiting[first].push(at);
                    queue.needs[at].push(first);
                }
            }
            if queue.open[at] == 0 {
                if is_last(action) && queue.others > 0 {
                    queue.last.push(at);
                } else {
                    queue.ready.insert((action.rank, at));
                }
            } else if is_last(action) {
                queue.last.push(at);
            }
        }
        queue
    }

    /// The next action that may start.
    pub fn next(&mut self) -> Option<usize> {
        self.ready.pop_first().map(|(_, at)| at)
    }

    /// What keeps a ready action from starting: something that it waits for ended without being done.
    pub fn obstacle(&self, at: usize) -> Option<String> {
        let failed: Vec<&str> = self.needs[at]
            .iter()
            .filter(|need| self.ended.get(need) == Some(&false))
            .map(|need| self.names[*need].as_str())
            .collect();
        (!failed.is_empty()).then(|| format!("waits for {}", failed.join(", ")))
    }

    /// An action ended; whoever waited for it waits no longer.
    pub fn end(&mut self, at: usize, done: bool) {
        self.ended.insert(at, done);
        if !self.last.contains(&at) {
            self.others = self.others.saturating_sub(1);
        }
        for next in self.waiting[at].clone() {
            self.open[next] -= 1;
            if self.open[next] == 0 && !self.last.contains(&next) {
                self.ready.insert((self.ranks[next], next));
            }
        }
        if self.others == 0 {
            for at in self.last.clone() {
                if self.open[at] == 0 && !self.ended.contains_key(&at) {
                    self.ready.insert((self.ranks[at], at));
                }
            }
            // What is ready now is running or will be; it must not be offered twice.
            self.last.retain(|at| self.open[*at] > 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::bool::weighted;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::model::{ActionId, Wait, plan_example};

    fn plan(waits: &[(&[usize], bool)]) -> Plan {
        let mut plan = plan_example::plan();
        let template = plan.actions[0].clone();
        let id = |at: usize| ActionId(format!("a{:04}", at + 1));
        plan.actions = waits
            .iter()
            .enumerate()
            .map(|(at, (needs, last))| Action {
                id: id(at),
                waits_for: needs.iter().map(|need| Wait { action: id(*need), why: "it uses it".into() }).collect(),
                after_all: last.then(|| "writers first".to_owned()),
                ..template.clone()
            })
            .collect();
        plan
    }

    fn drain(queue: &mut Queue) -> Vec<usize> {
        std::iter::from_fn(|| queue.next()).collect()
    }

    #[test]
    fn an_action_starts_when_all_that_it_waits_for_has_ended() {
        let mut queue = Queue::new(&plan(&[(&[], false), (&[], false), (&[0, 1], false)]));
        assert_eq!(drain(&mut queue), [0, 1]);
        queue.end(0, true);
        assert!(drain(&mut queue).is_empty());
        queue.end(1, true);
        assert_eq!(drain(&mut queue), [2]);
        assert_eq!(queue.obstacle(2), None);
    }

    #[test]
    fn what_waits_for_a_failure_does_not_start_and_hands_that_on() {
        let mut queue = Queue::new(&plan(&[(&[], false), (&[0], false), (&[1], false)]));
        drain(&mut queue);
        queue.end(0, false);
        assert_eq!(drain(&mut queue), [1]);
        assert!(queue.obstacle(1).is_some());
        queue.end(1, false);
        assert_eq!(drain(&mut queue), [2]);
        assert!(queue.obstacle(2).is_some());
    }

    #[test]
    fn the_last_come_after_all_others_each_once() {
        let mut queue = Queue::new(&plan(&[(&[], true), (&[], false), (&[1], true), (&[2], true)]));
        assert_eq!(drain(&mut queue), [1]);
        queue.end(1, false);
        assert_eq!(drain(&mut queue), [0, 2]);
        queue.end(0, true);
        assert!(drain(&mut queue).is_empty());
        queue.end(2, true);
        assert_eq!(drain(&mut queue), [3]);
        queue.end(3, true);
        assert!(drain(&mut queue).is_empty());
    }

    /// (which earlier actions it waits for, whether it comes last, whether its resource is changed meanwhile)
    fn actions() -> impl Strategy<Value = Vec<(Vec<usize>, bool, bool)>> {
        let one = (vec(any::<prop::sample::Index>(), 0..4), weighted(0.15), weighted(0.2));
        vec(one, 1..40).prop_map(|all| {
            let mut actions: Vec<(Vec<usize>, bool, bool)> = Vec::new();
            for (at, (refs, last, changed)) in all.into_iter().enumerate() {
                let needs: BTreeSet<usize> = refs.into_iter().filter(|_| at > 0).map(|need| need.index(at)).collect();
                // What waits for one of the last is one of them.
                let last = last || needs.iter().any(|need| actions[*need].1);
                actions.push((needs.into_iter().collect(), last, changed));
            }
            actions
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]
        /// What is executed is what was planned, without what was changed meanwhile and what waits for that.
        #[test]
        fn executed_is_planned_minus_what_changed(actions in actions(), turns in vec(any::<prop::sample::Index>(), 64)) {
            let waits: Vec<(&[usize], bool)> = actions.iter().map(|(needs, last, _)| (needs.as_slice(), *last)).collect();
            let mut queue = Queue::new(&plan(&waits));
            let mut running: Vec<usize> = Vec::new();
            let mut offered: Vec<usize> = Vec::new();
            let mut ended: BTreeSet<usize> = BTreeSet::new();
            let mut executed: BTreeSet<usize> = BTreeSet::new();
            let mut turn = 0;
            loop {
                while let Some(at) = queue.next() {
                    offered.push(at);
                    prop_assert!(actions[at].0.iter().all(|need| ended.contains(need)), "{at} starts before what it waits for");
                    if queue.obstacle(at).is_some() {
                        ended.insert(at);
                        queue.end(at, false);
                    } else {
                        prop_assert!(actions[at].0.iter().all(|need| executed.contains(need)));
                        running.push(at);
                    }
                }
                if running.is_empty() {
                    break;
                }
                let at = running.swap_remove(turns[turn % turns.len()].index(running.len()));
                turn += 1;
                let done = !actions[at].2;
                ended.insert(at);
                if done {
                    executed.insert(at);
                }
                queue.end(at, done);
            }
            offered.sort_unstable();
            prop_assert_eq!(offered, (0..actions.len()).collect::<Vec<_>>(), "each once");
            let mut expected: BTreeSet<usize> = BTreeSet::new();
            for (at, (needs, _, changed)) in actions.iter().enumerate() {
                if !changed && needs.iter().all(|need| expected.contains(need)) {
                    expected.insert(at);
                }
            }
            prop_assert_eq!(executed, expected);
        }
    }

    #[test]
    fn a_plan_of_last_things_only_starts() {
        assert_eq!(drain(&mut Queue::new(&plan(&[(&[], true)]))), [0]);
    }
}
