package dev.postrider.queue;

import dev.postrider.platform.SettingsException;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the queue is worked.
 *
 * @param lease how long a claim holds; must outlast {@code startWithin} and one run
 * @param startWithin a claimed job that has not started by then is given back instead
 * @param sweep how often expired leases are looked for
 * @param poll how often due jobs are looked for when there were none
 * @param maxRunning runs at once on this node: what a crash may repeat
 * @param maxRunningPerLane runs at once of one lane: a slow lane holds no more than this
 * @param maxClaimed jobs claimed by this node and not yet finished
 * @param maxWaitingPerLane claimed jobs of one lane that wait for a place to run
 * @param maxCrashes claims lost to crashes before a job is given up as poison
 * @param drain how long a stop waits for runs under way; longer than the longest call of a
 *     provider, or the stop cuts it, and it is made again
 */
@ConfigurationProperties("postrider.queue")
public record QueueSettings(
    @DefaultValue("30s") Duration lease,
    @DefaultValue("9s") Duration startWithin,
    @DefaultValue("5s") Duration sweep,
    @DefaultValue("200ms") Duration poll,
    @DefaultValue("64") int maxRunning,
    @DefaultValue("32") int maxRunningPerLane,
    @DefaultValue("1024") int maxClaimed,
    @DefaultValue("256") int maxWaitingPerLane,
    @DefaultValue("3") int maxCrashes,
    @DefaultValue("65s") Duration drain) {

  /** The same for a pool with places of its own. */
  public QueueSettings withPlaces(int running, int runningPerLane) {
    return new QueueSettings(
        lease,
        startWithin,
        sweep,
        poll,
        running,
        runningPerLane,
        running * 4,
        runningPerLane * 4,
        maxCrashes,
        drain);
  }

  /** Of a claim that waited for its turn, and was extended for the slowest provider there is. */
  private static final Duration EXTENDED = Duration.ofMinutes(2);

  /** For how long a lease holds at most, however often it was extended. */
  public Duration longestLease() {
    Duration leases = lease.multipliedBy(3);
    return leases.compareTo(EXTENDED) > 0 ? leases : EXTENDED;
  }

  /** The longest call of a provider that does not extend its lease. */
  private static final Duration CALL = Duration.ofSeconds(15);

  public QueueSettings {
    if (lease.compareTo(startWithin.plus(CALL)) <= 0) {
      throw new SettingsException(
          "postrider.queue.lease",
          "must be longer than postrider.queue.start-within and a call of 15 seconds together",
          "Its default is 30s.");
    }
    if (maxRunning < 1 || maxRunningPerLane < 1 || maxClaimed < maxRunning) {
      throw new SettingsException(
          "postrider.queue.max-running",
          "must be at least 1 and at most postrider.queue.max-claimed",
          "Its default is 64.");
    }
  }
}
