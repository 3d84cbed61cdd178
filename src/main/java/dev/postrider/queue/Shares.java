package dev.postrider.queue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * How many jobs each lane may give to one claim: applications share it, and lanes the part of their
 * application.
 */
final class Shares {
  private Shares() {}

  /**
   * By lane, in the order of the lanes. Where an application has more lanes than its part has
   * places, they take turns.
   *
   * @param turn how many claims there were before
   */
  static <L> Map<Long, Integer> of(
      List<L> lanes,
      ToLongFunction<L> app,
      ToLongFunction<L> lane,
      int limit,
      int perLane,
      int turn) {
    Map<Long, List<Long>> byApp =
        lanes.stream()
            .collect(
                Collectors.groupingBy(
                    app::applyAsLong,
                    LinkedHashMap::new,
                    Collectors.mapping(lane::applyAsLong, Collectors.toList())));
    int part = Math.max(1, limit / Math.max(1, byApp.size()));
    Map<Long, Integer> shares = new LinkedHashMap<>();
    for (List<Long> its : byApp.values()) {
      int share = Math.min(perLane, Math.max(1, part / its.size()));
      int served = Math.min(its.size(), part);
      for (int i = 0; i < served; i++) {
        shares.put(its.get(Math.floorMod((long) turn * part + i, its.size())), share);
      }
    }
    return shares;
  }
}
