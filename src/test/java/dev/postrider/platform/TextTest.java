package dev.postrider.platform;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTest {
  @Test
  void findsWhatCannotBeStoredOrSent() {
    assertThat(Text.flaw("plain, Grüße, 你好, 👍🏽, \n\t\r")).isNull();
    assertThat(Text.flaw("a\u0000b")).contains("U+0000");
    assertThat(Text.flaw("a\u001bb")).contains("U+001B");
    assertThat(Text.flaw("a\u0085b")).contains("U+0085");
    assertThat(Text.flaw("a\ud83db")).contains("lone surrogate U+D83D");
    assertThat(Text.flaw("a\udc4d")).contains("lone surrogate U+DC4D");
    assertThat(Text.flaw("\ufffe")).contains("U+FFFE");
  }

  @Test
  void cleansWhatComesFromOutside() {
    assertThat(Text.cleaned("a\r\nb\u2028c\u202ed\u0000e\ud800f", 100)).isEqualTo("a  b c d e f");
    assertThat(Text.cleaned("x".repeat(50), 10)).hasSize(10);
    assertThat(Text.cleaned(null, 10)).isEmpty();
  }

  @Test
  void showsAddressesSoThatTheyCannotBeUsed() {
    assertThat(Text.masked("+5511999998888")).isEqualTo("+55•••8888");
    assertThat(Text.masked("ana@example.org")).isEqualTo("a•••@example.org");
    assertThat(Text.masked("")).isEmpty();
  }

  /**
   * The published test vectors of FNV-1a: a bucket or an order must have one hash on every node.
   */
  @Test
  void hashesAsEveryOtherNode() {
    assertThat(Text.hash("")).isEqualTo(0xcbf29ce484222325L);
    assertThat(Text.hash("a")).isEqualTo(0xaf63dc4c8601ec8cL);
    assertThat(Text.hash("foobar")).isEqualTo(0x85944171f73967e8L);
  }
}
