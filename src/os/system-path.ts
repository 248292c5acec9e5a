// Where the system keeps its own programs.

/** PATH of programs of the system that we start, whatever our own is. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
