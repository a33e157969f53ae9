//! The functions that `SQLite` calls (<https://sqlite.org/c3ref/vfs.html>): each hands on to the default VFS and tells the
//! disk of it.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use rusqlite::ffi;

use super::{Change, Disk};

/// What `SQLite` allocates for a file: this, and behind it the default VFS's own.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    disk: *const Disk,
    /// Owned; null for files without a name.
    path: *mut String,
}

/// The default VFS and the disk; lives as long as the process.
struct Ground {
    real: *mut ffi::sqlite3_vfs,
    disk: &'static Disk,
}

/// The file behind ours.
///
/// # Safety
/// `file` was opened by [`open`].
unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: szOsFile left room for the default VFS's file behind ours.
    unsafe { file.cast::<u8>().add(size_of::<File>()).cast() }
}

/// Hands a call on to the default VFS's function of the same name.
macro_rules! hand_on {
    ($name:ident, $method:ident, ($($argument:ident: $kind:ty),*)) => {
        unsafe extern "C" fn $name(file: *mut ffi::sqlite3_file, $($argument: $kind),*) -> c_int {
            // SAFETY: SQLite calls methods of files that `open` made, whose methods are those of the default VFS.
            unsafe {
                let file = real(file);
                match (*(*file).pMethods).$method {
                    Some(method) => method(file, $($argument),*),
                    None => ffi::SQLITE_IOERR,
                }
            }
        }
    };
}

hand_on!(read, xRead, (to: *mut c_void, length: c_int, at: ffi::sqlite3_int64));
hand_on!(real_write, xWrite, (from: *const c_void, length: c_int, at: ffi::sqlite3_int64));
hand_on!(real_truncate, xTruncate, (length: ffi::sqlite3_int64));
hand_on!(real_close, xClose, ());
hand_on!(file_size, xFileSize, (size: *mut ffi::sqlite3_int64));
hand_on!(lock, xLock, (level: c_int));
hand_on!(unlock, xUnlock, (level: c_int));
hand_on!(check_reserved_lock, xCheckReservedLock, (out: *mut c_int));
hand_on!(file_control, xFileControl, (operation: c_int, argument: *mut c_void));
hand_on!(sector_size, xSectorSize, ());
hand_on!(device_characteristics, xDeviceCharacteristics, ());
hand_on!(shm_map, xShmMap, (page: c_int, size: c_int, extend: c_int, to: *mut *mut c_void));
hand_on!(shm_lock, xShmLock, (offset: c_int, count: c_int, flags: c_int));
hand_on!(shm_unmap, xShmUnmap, (delete: c_int));

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: as in `hand_on`.
    unsafe {
        let file = real(file);
        if let Some(method) = (*(*file).pMethods).xShmBarrier {
            method(file);
        }
    }
}

/// The disk and the name of a file that has one.
///
/// # Safety
/// `file` was opened by [`open`] and is not closed.
unsafe fn known<'a>(file: *mut ffi::sqlite3_file) -> Option<(&'a Disk, &'a str)> {
    let file = file.cast::<File>();
    // SAFETY: `open` set both; the path lives until `close`.
    unsafe { (*file).path.as_ref().map(|path| (&*(*file).disk, path.as_str())) }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    length: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    // SAFETY: SQLite gives `length` readable bytes and a file of ours.
    unsafe {
        let done = real_write(file, from, length, at);
        if done == ffi::SQLITE_OK
            && let Some((disk, path)) = known(file)
        {
            let data = std::slice::from_raw_parts(from.cast::<u8>(), usize::try_from(length).unwrap_or(0));
            let at = usize::try_from(at).unwrap_or(0);
            disk.changed(
                path,
                Change::Write {
                    at,
                    data: data.to_vec(),
                },
            );
        }
        done
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, length: ffi::sqlite3_int64) -> c_int {
    // SAFETY: a file of ours.
    unsafe {
        let done = real_truncate(file, length);
        if done == ffi::SQLITE_OK
            && let Some((disk, path)) = known(file)
        {
            disk.changed(path, Change::Truncate(usize::try_from(length).unwrap_or(0)));
        }
        done
    }
}

/// The true disk is not waited for: what would be lost is lost by our own rules.
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: a file of ours.
    if let Some((disk, path)) = unsafe { known(file) } {
        disk.synced(path);
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: a file of ours, which SQLite does not use after this; the path came from Box::into_raw.
    unsafe {
        let done = real_close(file);
        let path = ptr::replace(&raw mut (*file.cast::<File>()).path, ptr::null_mut());
        if !path.is_null() {
            drop(Box::from_raw(path));
        }
        done
    }
}

/// Version 2: with shared memory for WAL, without mapped pages, which no VFS would see being written.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// # Safety
/// `vfs` is the one of [`register`].
unsafe fn ground<'a>(vfs: *mut ffi::sqlite3_vfs) -> &'a Ground {
    // SAFETY: `register` set it, for the life of the process.
    unsafe { &*(*vfs).pAppData.cast::<Ground>() }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives szOsFile bytes for the file; the name is null or ends with 0.
    unsafe {
        let ground = ground(vfs);
        let ours = file.cast::<File>();
        (*ours).base.pMethods = ptr::null();
        (*ours).path = ptr::null_mut();
        (*ours).disk = ground.disk;
        let Some(method) = (*ground.real).xOpen else {
            return ffi::SQLITE_CANTOPEN;
        };
        let path = (!name.is_null()).then(|| CStr::from_ptr(name).to_string_lossy().into_owned());
        if let Some(path) = &path {
            ground.disk.opened(path);
        }
        let done = method(ground.real, name, real(file), flags, out);
        if done == ffi::SQLITE_OK {
            (*ours).path = path.map_or(ptr::null_mut(), |path| Box::into_raw(Box::new(path)));
            (*ours).base.pMethods = &raw const METHODS;
        }
        done
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync_folder: c_int) -> c_int {
    // SAFETY: the name ends with 0.
    unsafe {
        let ground = ground(vfs);
        let Some(method) = (*ground.real).xDelete else {
            return ffi::SQLITE_IOERR;
        };
        let done = method(ground.real, name, 0);
        if done == ffi::SQLITE_OK {
            let path = CStr::from_ptr(name).to_string_lossy();
            ground.disk.changed(&path, Change::Delete);
            if sync_folder != 0 {
                ground.disk.gone(&path);
            }
        }
        done
    }
}

/// Makes the VFS over `disk` the default one. False when `SQLite` refuses.
pub(super) fn register(disk: &'static Disk) -> bool {
    // SAFETY: the structures are leaked, so that they live as long as SQLite may call them; the copied functions of the
    // default VFS (names, time, randomness) look at nothing of the VFS they are called with but its maximal length.
    unsafe {
        if ffi::sqlite3_initialize() != ffi::SQLITE_OK {
            return false;
        }
        let real = ffi::sqlite3_vfs_find(ptr::null());
        if real.is_null() {
            return false;
        }
        let ground = Box::leak(Box::new(Ground { real, disk }));
        let mut vfs = *real;
        vfs.iVersion = 1;
        vfs.szOsFile = vfs
            .szOsFile
            .saturating_add(c_int::try_from(size_of::<File>()).unwrap_or(c_int::MAX));
        vfs.pNext = ptr::null_mut();
        vfs.zName = c"forgetful".as_ptr();
        vfs.pAppData = ptr::from_mut(ground).cast();
        vfs.xOpen = Some(open);
        vfs.xDelete = Some(delete);
        vfs.xAccess = Some(access);
        vfs.xFullPathname = Some(full_pathname);
        ffi::sqlite3_vfs_register(Box::leak(Box::new(vfs)), 1) == ffi::SQLITE_OK
    }
}

unsafe extern "C" fn access(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, flags: c_int, out: *mut c_int) -> c_int {
    // SAFETY: handed on as it came, with the VFS that the function belongs to.
    unsafe {
        let real = ground(vfs).real;
        (*real)
            .xAccess
            .map_or(ffi::SQLITE_IOERR, |method| method(real, name, flags, out))
    }
}

unsafe extern "C" fn full_pathname(
    vfs: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    length: c_int,
    out: *mut c_char,
) -> c_int {
    // SAFETY: handed on as it came, with the VFS that the function belongs to.
    unsafe {
        let real = ground(vfs).real;
        (*real)
            .xFullPathname
            .map_or(ffi::SQLITE_CANTOPEN, |method| method(real, name, length, out))
    }
}
