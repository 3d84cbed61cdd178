package dev.postrider.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OpenFilesTest {
  /** As operations.md tells, and A_NODE_TAKES_WHAT_IT_MAY asks. */
  @Test
  void enoughIsTwiceAsManyAsConnectionsAndSome() {
    OpenFiles files = new OpenFiles(2048);
    assertThat(files.isEnough(5120)).isTrue();
    assertThat(files.isEnough(5119)).isFalse();
  }
}
