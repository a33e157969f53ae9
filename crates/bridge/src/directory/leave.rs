//! Who leaves the company is signed out: only when WeCom said so twice, and never a crowd without an admin's word.

use crate::db::Db;
use crate::db::events::Leaving;
use crate::serve::Bridge;

/// So many may leave in an hour without an admin's word, whatever the size of the company.
const FEW: i64 = 10;
/// The span in which leavers are counted, in seconds.
const HOUR: i64 = 3600;

/// Those who were seen twice as gone, with why. More in an hour than ten, or than one of a hundred: none is signed out
/// before an admin confirms.
pub async fn leave(bridge: &Bridge, all: &[(String, &'static str)]) -> Result<(), sqlx::Error> {
    if all.is_empty() {
        return Ok(());
    }
    let now = bridge.clock.now();
    let db = &bridge.db;
    let most = FEW.max(db.headcount().await?.saturating_div(100));
    let before = db.left_since(now.saturating_sub(HOUR)).await?;
    let lock = before.saturating_add(i64::try_from(all.len()).unwrap_or(i64::MAX)) <= most;
    for (userid, why) in all {
        if !db.left(userid, why, lock, now).await? {
            continue;
        }
        bridge.metrics.left(if lock { "locked" } else { "held" });
        if lock {
            tracing::info!(target: "directory", userid, why, "left: signed out");
        } else {
            tracing::warn!(
                target: "directory", userid, why, most,
                "left, with too many others: an admin has to confirm (qiyou-bridge leaving)"
            );
        }
    }
    Ok(())
}

/// Those who wait for an admin's word.
async fn held(db: &Db) -> Result<Vec<Leaving>, sqlx::Error> {
    let mut all = db.leaving().await?;
    all.retain(|leaving| leaving.step == "held");
    Ok(all)
}

/// An admin confirms that those who are held have left. How many they were.
pub async fn confirm(db: &Db, now: i64) -> Result<usize, sqlx::Error> {
    let held = held(db).await?;
    for leaving in &held {
        db.left(&leaving.userid, &leaving.why, true, now).await?;
    }
    Ok(held.len())
}

/// An admin says that those who are held are still there. How many they were.
pub async fn dismiss(db: &Db) -> Result<usize, sqlx::Error> {
    let held = held(db).await?;
    for leaving in &held {
        db.came_back(&leaving.userid).await?;
    }
    Ok(held.len())
}
