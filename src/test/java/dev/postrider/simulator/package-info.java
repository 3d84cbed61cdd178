/**
 * Honest stand-ins for the world outside, on real sockets: each journals what arrived before it
 * answers. They serve the tests, the bench and the fault campaign, and know nothing of the service.
 */
@NullMarked
package dev.postrider.simulator;

import org.jspecify.annotations.NullMarked;
