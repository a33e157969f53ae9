//! Sleep and clock by notifications of AppKit, lock by the distributed ones, the network by its reachability.

use std::{
    net::{Ipv4Addr, SocketAddr},
    ptr::NonNull,
};

use block2::RcBlock;
use objc2::rc::Retained;
use objc2_app_kit::{NSWorkspace, NSWorkspaceDidWakeNotification, NSWorkspaceWillSleepNotification};
use objc2_foundation::{
    NSDistributedNotificationCenter, NSNotification, NSNotificationCenter, NSNotificationName, NSString,
    NSSystemClockDidChangeNotification,
};
use system_configuration::{
    core_foundation::runloop::{CFRunLoop, kCFRunLoopCommonModes},
    network_reachability::{ReachabilityFlags, SCNetworkReachability},
};
use tokio::sync::mpsc;

use crate::SystemEvent;

pub(super) fn start(events: mpsc::Sender<SystemEvent>) {
    dispatch2::DispatchQueue::main().exec_async(move || {
        let workspace = NSWorkspace::sharedWorkspace().notificationCenter();
        let local = NSNotificationCenter::defaultCenter();
        let distributed: Retained<NSNotificationCenter> =
            Retained::into_super(NSDistributedNotificationCenter::defaultCenter());
        let locked = NSString::from_str("com.apple.screenIsLocked");
        let unlocked = NSString::from_str("com.apple.screenIsUnlocked");
        // SAFETY: constants of the frameworks, set before any code of ours runs.
        let (sleep, wake, clock) = unsafe {
            (
                NSWorkspaceWillSleepNotification,
                NSWorkspaceDidWakeNotification,
                NSSystemClockDidChangeNotification,
            )
        };
        observe(&workspace, sleep, SystemEvent::Suspend, &events);
        observe(&workspace, wake, SystemEvent::Resume, &events);
        observe(&local, clock, SystemEvent::ClockJump, &events);
        observe(&distributed, &locked, SystemEvent::SessionLocked(true), &events);
        observe(&distributed, &unlocked, SystemEvent::SessionLocked(false), &events);
        watch_network(events);
    });
}

fn watch_network(events: mpsc::Sender<SystemEvent>) {
    // The address of nobody stands for "any route at all".
    let mut anywhere = SCNetworkReachability::from(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)));
    let told = anywhere.set_callback(move |flags| {
        let online =
            flags.contains(ReachabilityFlags::REACHABLE) && !flags.contains(ReachabilityFlags::CONNECTION_REQUIRED);
        let _ = events.try_send(SystemEvent::NetworkChanged { online: Some(online) });
    });
    // SAFETY: the main run loop lives as long as the program, and the mode is a constant of the framework.
    let scheduled = unsafe { anywhere.schedule_with_runloop(&CFRunLoop::get_main(), kCFRunLoopCommonModes) };
    if told.is_err() || scheduled.is_err() {
        tracing::info!("the network cannot be watched");
    }
    // It ends with the program: dropped, it would be silent.
    std::mem::forget(anywhere);
}

fn observe(
    center: &NSNotificationCenter,
    name: &NSNotificationName,
    event: SystemEvent,
    events: &mpsc::Sender<SystemEvent>,
) {
    let events = events.clone();
    let told = RcBlock::new(move |_: NonNull<NSNotification>| {
        let _ = events.try_send(event);
    });
    // SAFETY: the block may be called on any thread: it holds nothing but a sender, which may be used on any.
    let observer = unsafe { center.addObserverForName_object_queue_usingBlock(Some(name), None, None, &told) };
    // The centre keeps it for as long as the program runs.
    drop(observer);
}
