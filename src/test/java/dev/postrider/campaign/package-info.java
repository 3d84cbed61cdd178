/**
 * The fault campaign: real processes are hurt while callers send through them, everything is
 * journalled outside the service, and a checker decides from the journals and the database whether
 * each promise of docs/reliability.md was kept. A run in which the fault did not happen proves
 * nothing and fails too.
 */
@NullMarked
package dev.postrider.campaign;

import org.jspecify.annotations.NullMarked;
