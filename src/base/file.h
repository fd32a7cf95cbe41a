/* base/file.h: files and folders made so that they outlive a power cut, and are nobody else's.
 *
 * Errors: -1 with errno, as the calls below them. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

/* A new file for reading and writing by its owner alone (0600). What stood at the path is removed
 * first, and a link there is never followed. */
int file_fresh(const char *path);
/* Syncs a file, or a folder, by its path. */
int file_sync(const char *path);
/* Syncs the folder that holds path: with that a new name is kept. Slashes at its end count for
 * nothing. */
int file_sync_folder_of(const char *path);

#endif
