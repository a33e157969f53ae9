use qiyou_api::{AccountSettings, Cause, CauseCode, CheckStep, CredentialKind, Security, ServerSettings};

use super::*;
use crate::{Durability, Key, Store, accounts};

pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) account: AccountId,
    key: Key,
    home: tempfile::TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let key = Key::new([7; 32]);
        let store = Store::open(home.path(), &key).unwrap();
        let server = ServerSettings {
            host: "localhost".into(),
            port: 1,
            security: Security::Tls,
            user: "zhangsan@example.com".into(),
        };
        let settings = AccountSettings {
            provider: "custom".into(),
            imap: server.clone(),
            smtp: server,
            credential: CredentialKind::Password,
        };
        let account = store
            .write(Durability::Full, move |tx| {
                accounts::insert(tx, "zhangsan@example.com", "张三", "#000000", &settings)
            })
            .await
            .unwrap()
            .unwrap();
        Self {
            store,
            account,
            key,
            home,
        }
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> T {
        self.store.write(Durability::Full, move |tx| job(tx)).await.unwrap()
    }

    async fn push(&self, due: i64, text: &'static [u8]) -> OutboxId {
        let mail = NewEntry {
            account: self.account,
            due,
            sender: "zhangsan@example.com".into(),
            recipients: vec!["lisi@example.com".into(), "李四@例子.中国".into()],
            message_id: format!("{due}@example.com"),
            subject: "周报".into(),
            date: 90,
            eight_bit: true,
            utf8: false,
            receipt: false,
        };
        self.write(move |conn| push(conn, &mail, &[Section::Text(text)], text.len() as u64, 100))
            .await
    }

    async fn get(&self, id: OutboxId) -> Entry {
        self.write(move |conn| get(conn, id)).await
    }

    async fn go(&self, id: OutboxId, from: Stage, to: Stage) -> bool {
        self.write(move |conn| advance(conn, id, from, to, &Change::default()))
            .await
    }

    async fn next(&self) -> Option<OutboxId> {
        let account = self.account;
        self.write(move |conn| Ok(next(conn, account)?.map(|entry| entry.id)))
            .await
    }

    /// The same home, opened anew.
    async fn restarted(self) -> Self {
        let Self {
            store,
            account,
            key,
            home,
        } = self;
        drop(store);
        let store = Store::open(home.path(), &key).unwrap();
        let house = Self {
            store,
            account,
            key,
            home,
        };
        house.write(move |conn| recover(conn, account, 500)).await;
        house
    }
}

fn cause() -> Cause {
    Cause {
        code: CauseCode::Timeout,
        step: CheckStep::Done,
        host: "localhost".into(),
        port: 1,
        detail: String::new(),
    }
}

#[tokio::test]
async fn a_mail_comes_back_as_it_was_put_in() {
    let house = House::new().await;
    let text: &'static [u8] = Box::leak(vec![b'x'; PIECE * 2 + 7].into_boxed_slice());
    let id = house.push(200, text).await;
    let house = house.restarted().await;
    let entry = house.get(id).await;
    assert_eq!(
        (entry.stage, entry.size, entry.created),
        (Stage::Waiting, text.len() as u64, 100)
    );
    assert_eq!(entry.mail.recipients, ["lisi@example.com", "李四@例子.中国"]);
    assert!(entry.mail.eight_bit && !entry.mail.utf8);
    let pieces = house
        .write(move |conn| {
            let mut all = Vec::new();
            for n in 0.. {
                let Some(next) = piece(conn, id, n)? else { break };
                all.push(next);
            }
            Ok(all)
        })
        .await;
    assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [PIECE, PIECE, 7]);
    assert_eq!(pieces.concat(), text);
}

#[tokio::test]
async fn the_one_that_is_due_first_is_next_whatever_its_number() {
    let house = House::new().await;
    let late = house.push(300, b"a").await;
    let soon = house.push(200, b"b").await;
    assert_eq!(house.next().await, Some(soon));
    assert!(house.go(soon, Stage::Waiting, Stage::Sending).await);
    assert_eq!(house.next().await, Some(late));
    for stage in [Stage::Refused, Stage::NeedsYou] {
        let id = house.push(1, b"c").await;
        assert!(house.go(id, Stage::Waiting, stage).await);
        assert_eq!(house.next().await, Some(late), "{stage:?}");
    }
}

#[tokio::test]
async fn whoever_comes_second_changes_nothing() {
    let house = House::new().await;
    let id = house.push(200, b"a").await;
    assert!(house.go(id, Stage::Waiting, Stage::Sending).await);
    assert!(!house.go(id, Stage::Waiting, Stage::Sending).await);
    assert!(!house.write(move |conn| remove(conn, id, Stage::Waiting)).await);
    assert_eq!(house.get(id).await.stage, Stage::Sending);
}

#[tokio::test]
async fn a_crash_sends_again_what_was_not_ended_and_asks_about_what_was() {
    let house = House::new().await;
    let stages = [
        (Stage::Waiting, Stage::Waiting),
        (Stage::Sending, Stage::Waiting),
        (Stage::Ending, Stage::Checking),
        (Stage::Checking, Stage::Checking),
        (Stage::Filing, Stage::Filing),
        (Stage::Sent, Stage::Sent),
        (Stage::Refused, Stage::Refused),
        (Stage::NeedsYou, Stage::NeedsYou),
    ];
    let mut ids = Vec::new();
    for (stage, _) in stages {
        let id = house.push(200, b"text").await;
        assert!(house.go(id, Stage::Waiting, stage).await);
        ids.push(id);
    }
    let house = house.restarted().await;
    for (id, (before, after)) in ids.into_iter().zip(stages) {
        assert_eq!(house.get(id).await.stage, after, "{before:?}");
        let text = house.write(move |conn| piece(conn, id, 0)).await;
        assert_eq!(text.is_some(), before != Stage::Sent, "{before:?}");
    }
}

#[tokio::test]
async fn what_went_wrong_is_kept_and_what_waits_for_it_can_be_hurried() {
    let house = House::new().await;
    let id = house.push(200, b"a").await;
    let later = house.push(900, b"b").await;
    let refused = vec![RefusedRecipient {
        address: "lisi@example.com".into(),
        code: 550,
        text: "邮箱不存在".into(),
    }];
    let change = Change {
        due: Some(800),
        looks: 3,
        attempt: true,
        refused: Some(refused.clone()),
        cause: Some(cause()),
    };
    assert!(
        house
            .write(move |conn| advance(conn, id, Stage::Waiting, Stage::Waiting, &change))
            .await
    );
    let entry = house.get(id).await;
    assert_eq!((entry.attempts, entry.looks, entry.mail.due), (1, 3, 800));
    assert_eq!((entry.seen().refused, entry.seen().cause), (refused, Some(cause())));
    let account = house.account;
    house.write(move |conn| hurry(conn, account, 400)).await;
    assert_eq!(house.get(id).await.mail.due, 400);
    // One that a person put off waits on.
    assert_eq!(house.get(later).await.mail.due, 900);
}

#[tokio::test]
async fn the_list_has_all_that_is_open_and_the_newest_that_went() {
    let house = House::new().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        let id = house.push(n, b"a").await;
        if n < 4 {
            house.go(id, Stage::Waiting, Stage::Sent).await;
        }
        ids.push(id);
    }
    let listed = house
        .write(|conn| Ok(list(conn, 2)?.into_iter().map(|entry| entry.id).collect::<Vec<_>>()))
        .await;
    assert_eq!(listed, [ids[4], ids[3], ids[2]]);
}

#[tokio::test]
async fn an_account_that_goes_takes_its_mails_with_it_and_its_server_is_known_once_seen() {
    let house = House::new().await;
    let account = house.account;
    assert_eq!(house.write(move |conn| self_storing(conn, account)).await, None);
    house.write(move |conn| set_self_storing(conn, account, true)).await;
    assert_eq!(house.write(move |conn| self_storing(conn, account)).await, Some(true));
    let id = house.push(1, b"a").await;
    house.write(move |conn| accounts::remove(conn, account)).await;
    assert!(house.store.read(move |conn| get(conn, id)).await.is_err());
    assert_eq!(house.write(move |conn| piece(conn, id, 0)).await, None);
}

/// Any way through the stages, with crashes anywhere: what the database says is never less careful than what happened.
#[allow(clippy::arithmetic_side_effects, reason = "a test counts")]
mod any_way {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Copy, Debug)]
    enum Step {
        HandOver,
        /// The line dies before the dot.
        Broken,
        Refuse,
        Dot,
        /// The server takes it, and says so or does not.
        Take {
            told: bool,
        },
        /// The line dies at the dot; the server has not taken it.
        Lose,
        Look {
            found: bool,
        },
        Person {
            again: bool,
        },
        Crash,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => Just(Step::HandOver),
            1 => Just(Step::Broken),
            1 => Just(Step::Refuse),
            3 => Just(Step::Dot),
            2 => any::<bool>().prop_map(|told| Step::Take { told }),
            1 => Just(Step::Lose),
            2 => any::<bool>().prop_map(|found| Step::Look { found }),
            1 => any::<bool>().prop_map(|again| Step::Person { again }),
            2 => Just(Step::Crash),
        ]
    }

    /// What the world knows that the database may not.
    #[derive(Default)]
    struct World {
        /// How often the server took the mail.
        taken: u32,
        /// How often a person had it sent again though it may have gone.
        again: u32,
        /// The server took it this time.
        here: bool,
    }

    async fn play(steps: Vec<Step>) -> std::result::Result<(), TestCaseError> {
        let mut house = House::new().await;
        let id = house.push(1, b"text").await;
        let mut world = World::default();
        for step in steps {
            let stage = house.get(id).await.stage;
            let to = match (step, stage) {
                (Step::Crash, _) => {
                    house = house.restarted().await;
                    let after = house.get(id).await.stage;
                    prop_assert!(!matches!(after, Stage::Sending | Stage::Ending), "{after:?}");
                    None
                }
                (Step::HandOver, Stage::Waiting) => {
                    world.here = false;
                    Some(Stage::Sending)
                }
                (Step::Broken, Stage::Sending) | (Step::Person { again: true }, Stage::Refused) => Some(Stage::Waiting),
                (Step::Refuse, Stage::Sending | Stage::Ending) if !world.here => Some(Stage::Refused),
                (Step::Dot, Stage::Sending) => Some(Stage::Ending),
                (Step::Take { told }, Stage::Ending) if !world.here => {
                    world.here = true;
                    world.taken += 1;
                    told.then_some(Stage::Filing)
                }
                (Step::Lose, Stage::Ending) => Some(Stage::Checking),
                // A sent-box shows what was taken, and nothing else; where nothing shows a person is asked.
                (Step::Look { found }, Stage::Checking) if found && world.taken > 0 => Some(Stage::Sent),
                (Step::Look { .. }, Stage::Checking) => Some(Stage::NeedsYou),
                (Step::Look { .. }, Stage::Filing) => Some(Stage::Sent),
                (Step::Person { again: true }, Stage::NeedsYou) => {
                    world.again += 1;
                    Some(Stage::Waiting)
                }
                (Step::Person { again: false }, Stage::NeedsYou) => Some(Stage::Filing),
                _ => None,
            };
            if let Some(to) = to {
                prop_assert!(house.go(id, stage, to).await, "{stage:?} to {to:?}");
            }
            let entry = house.get(id).await;
            prop_assert!(world.taken <= 1 + world.again, "taken {} times", world.taken);
            if entry.stage == Stage::Waiting && world.again == 0 {
                prop_assert_eq!(world.taken, 0, "it would go twice");
            }
            let text = house.write(move |conn| piece(conn, id, 0)).await;
            prop_assert_eq!(text.is_some(), entry.stage != Stage::Sent, "{:?}", entry.stage);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_mail_goes_twice_by_itself_and_none_is_lost(steps in proptest::collection::vec(step(), 1..40)) {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(play(steps))?;
        }
    }
}
