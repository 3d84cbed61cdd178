package dev.postrider.platform;

import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The order in which loops stop. */
@Configuration(proxyBeanMethods = false)
class LoopConfiguration {
  /** After the web server took its last request, and before the work under way drains. */
  private static final int BEFORE_THE_DRAIN = 1000;

  private static final int AFTER_THE_DRAIN = 100;

  @Bean
  LoopRunner loops(List<Loop> all) {
    return new LoopRunner(
        all.stream().filter(loop -> !loop.isNeededToTheEnd()).toList(), BEFORE_THE_DRAIN);
  }

  @Bean
  LoopRunner upkeep(List<Loop> all) {
    return new LoopRunner(all.stream().filter(Loop::isNeededToTheEnd).toList(), AFTER_THE_DRAIN);
  }
}
