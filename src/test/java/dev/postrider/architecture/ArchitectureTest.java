package dev.postrider.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.lang.conditions.ArchConditions.be;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.postrider.PostriderApplication;
import dev.postrider.platform.web.Access;
import java.time.Instant;
import java.util.Set;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;

/** The rules of the house that the compiler does not know. */
@AnalyzeClasses(packagesOf = PostriderApplication.class, importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  /** Interfaces somebody else implements. A new one is a design decision: it comes with an ADR. */
  private static final Set<String> PORTS =
      Set.of("JobQueue", "JobHandler", "Provider", "Loop", "StatusListener");

  private static final DescribedPredicate<JavaClass> EDGE =
      describe(
          "edges",
          it ->
              it.getName()
                  .matches(
                      ".*(Controller|Filter|Interceptor|Listener|Store|Client|Provider|Settings|Configuration)"
                          + "(\\$.*)?"));

  /**
   * Edges whose names are not suffixes: how a view is drawn, a mail composed, an answer read, a
   * stop drained.
   */
  private static final DescribedPredicate<JavaClass> NAMED_EDGE =
      describe(
          "named edges",
          it ->
              Set.of(
                      "MessageView",
                      "MessageRequest",
                      "BatchRequest",
                      "Mail",
                      "SmtpReplies",
                      "WahaIds",
                      "WahaReceipts",
                      "CloudReceipts",
                      "TwilioReceipts",
                      "Drain",
                      "Announcement",
                      "StartFailureReporter",
                      "PostriderApplication")
                  .contains(it.getName().replaceAll("^.*\\.", "").replaceAll("\\$.*", "")));

  private static final DescribedPredicate<JavaClass> PACKAGE_INFO =
      describe("package-info", it -> it.getSimpleName().equals("package-info"));

  @ArchTest
  static final ArchRule only_edges_know_a_framework =
      noClasses()
          .that(not(EDGE))
          .and(not(NAMED_EDGE))
          .and(not(PACKAGE_INFO))
          .and()
          .resideOutsideOfPackage("..platform..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.springframework..",
              "jakarta..",
              "java.sql..",
              "tools.jackson..",
              "org.apache..");

  @ArchTest
  static final ArchRule sql_lives_in_stores =
      noClasses()
          .that()
          .haveNameNotMatching(".*Store(\\$.*)?")
          .and()
          .resideOutsideOfPackage("..platform.database..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "javax.sql..", "org.springframework.jdbc..");

  @ArchTest
  static final ArchRule time_is_given =
      noClasses()
          .that()
          .resideOutsideOfPackage("..platform..")
          .should()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Thread.class, "sleep", long.class);

  @ArchTest
  static final ArchRule an_interface_is_sealed_or_a_port =
      classes()
          .that()
          .areInterfaces()
          .and()
          .areNotAnnotations()
          .and(describe("not sealed", it -> !it.reflect().isSealed()))
          .and(not(PACKAGE_INFO))
          .should(be(describe("a declared port", it -> PORTS.contains(it.getSimpleName()))));

  @ArchTest
  static final ArchRule no_vague_names =
      noClasses().should().haveNameMatching(".*(Util|Utils|Helper|Manager|Impl|Dto)(\\$.*)?");

  @ArchTest
  static final ArchRule providers_do_not_know_each_other =
      slices()
          .matching("dev.postrider.channel.(waha|whatsappcloud|twilio|smtp|sandbox)..")
          .should()
          .notDependOnEachOther();

  @ArchTest
  static final ArchRule the_egress_knows_no_messages =
      noClasses()
          .that()
          .resideInAPackage("dev.postrider.channel.egress..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.postrider.channel")
          .because("webhooks and callbacks leave through it, too");

  @ArchTest
  static final ArchRule sockets_are_made_by_the_egress =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "..channel.egress..", "..channel.smtp..", "..platform.database..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.net.Socket")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.net.http.HttpClient");

  @ArchTest
  static final ArchRule every_route_says_who_it_is_for =
      methods()
          .that()
          .areAnnotatedWith(GetMapping.class)
          .or()
          .areAnnotatedWith(PostMapping.class)
          .or()
          .areAnnotatedWith(PatchMapping.class)
          .or()
          .areAnnotatedWith(PutMapping.class)
          .or()
          .areAnnotatedWith(DeleteMapping.class)
          .or()
          .areAnnotatedWith(RequestMapping.class)
          .should()
          .beAnnotatedWith(Access.class);
}
