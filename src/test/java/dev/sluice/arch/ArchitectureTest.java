package dev.sluice.arch;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaParameterizedType;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import dev.sluice.bus.Topic;
import dev.sluice.db.Db;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The boundaries between packages, as docs/ARCHITECTURE.md draws them. */
class ArchitectureTest {
    private static final String ROOT = "dev.sluice";
    /** Packages that own a business of the gateway; others reach into them by their contracts alone. */
    private static final List<String> FEATURES = List.of(
            "identity",
            "store",
            "rate",
            "invoice",
            "chain",
            "lightning",
            "lnurl",
            "card",
            "reward",
            "settlement",
            "webhook",
            "report");

    private static final String[] MONEY = packages("kernel", "ledger", "invoice", "card", "reward", "settlement");

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);

    private static String[] packages(String... names) {
        return Arrays.stream(names).map(name -> ROOT + "." + name + "..").toArray(String[]::new);
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(MAIN);
    }

    @Test
    void kernelKnowsTheJdkAlone() {
        check(classes()
                .that()
                .resideInAPackage(ROOT + ".kernel..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(ROOT + ".kernel..", "java..", "org.jspecify.."));
    }

    @Test
    void foundationsKnowNoFeature() {
        check(classes()
                .that()
                .resideInAnyPackage(packages("bus", "db", "ledger", "eventlog", "idempotency", "config"))
                .should()
                .onlyDependOnClassesThat(not(resideInAPackage(ROOT + ".."))
                        .or(resideInAnyPackage(
                                packages("kernel", "bus", "db", "ledger", "eventlog", "idempotency", "config")))));
    }

    @Test
    void configurationIsReadByTheRootAndByOperationsOnly() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ROOT, ROOT + ".config..", ROOT + ".ops..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT + ".config.."));
    }

    @Test
    void packagesHaveNoCycles() {
        check(slices().matching(ROOT + ".(*)..")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(resideInAPackage(ROOT), DescribedPredicate.alwaysTrue()));
    }

    @Test
    void nobodyKnowsTheRoot() {
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + ".*..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(ROOT));
    }

    /** A feature's working parts carry their role in the name; everything else public is its contract. */
    @Test
    void featuresAreReachedByTheirContracts() {
        for (String feature : FEATURES) {
            check(noClasses()
                    .that()
                    .resideOutsideOfPackages(ROOT, ROOT + "." + feature + "..", ROOT + ".ui..")
                    .and()
                    .resideInAPackage(ROOT + "..")
                    .should()
                    .dependOnClassesThat(resideInAPackage(ROOT + "." + feature)
                            .and(nameEnds("Repository", "Sql", "Routes", "Verticle", "Writer", "Worker", "Board"))));
        }
    }

    @Test
    void adaptersAreKnownToTheirFeatureAndTheRootOnly() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ROOT, ROOT + ".lightning..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + ".lightning.lnd.."));
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ROOT, ROOT + ".chain..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT + ".chain.bitcoind.."));
    }

    @Test
    void repositoriesAndRoutesArePackagePrivateInside() {
        check(classes().that().haveSimpleNameEndingWith("Repository").should().notBePublic());
        check(classes().that().haveSimpleNameEndingWith("Sql").should().notBePublic());
    }

    @Test
    void sqlIsRunOnlyWhereItIsAtHome() {
        DescribedPredicate<JavaClass> runsSql = assignableTo("io.vertx.sqlclient.Query")
                .or(DescribedPredicate.describe(
                        "arguments of a statement", type -> type.getName().equals("io.vertx.sqlclient.Tuple")))
                .or(assignableTo("java.sql.Statement"));
        check(noClasses()
                .that()
                .resideOutsideOfPackages(packages("db", "ledger", "eventlog", "idempotency"))
                .and(not(outermostEnds("Repository", "Sql")))
                .should()
                .dependOnClassesThat(runsSql));
    }

    @Test
    void webIsKnownToTheEdgeOnly() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".http..", ROOT + ".ui..")
                .and(not(outermostEnds("Routes")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.vertx.ext.web"));
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".http..", ROOT + ".ui..")
                .and(not(outermostEnds("Routes")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.vertx.ext.web.handler.."));
    }

    @Test
    void stubsOfLndAreKnownToItsAdapterOnly() {
        DescribedPredicate<JavaClass> stub = resideInAnyPackage(
                "lnrpc..",
                "routerrpc..",
                "invoicesrpc..",
                "walletrpc..",
                "signrpc..",
                "chainrpc..",
                "io.grpc..",
                "com.google.protobuf..");
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + "..")
                .and(not(resideInAPackage(ROOT + ".lightning.lnd..")))
                .should()
                .dependOnClassesThat(stub));
    }

    @Test
    void nothingBlocksOrLocks() {
        check(noMethods().should().haveModifier(JavaModifier.SYNCHRONIZED));
        check(noClasses().should().dependOnClassesThat().resideInAPackage("java.util.concurrent.locks.."));
        check(noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", Duration.class)
                .orShould()
                .callMethod(Thread.class, "sleep", long.class, int.class));
    }

    @Test
    void timeAndChanceComeFromTheKernel() {
        check(noClasses()
                .that()
                .doNotBelongToAnyOf(Clock.class, Entropy.class)
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(UUID.class, "randomUUID"));
        check(noClasses()
                .that()
                .doNotBelongToAnyOf(Entropy.class, Db.class) // Db's rest between attempts is jitter
                .and()
                .resideOutsideOfPackage("..sim..") // a simulator is seeded
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Random.class));
    }

    @Test
    void moneyIsNeverFloating() {
        Set<String> floating = Set.of("double", "float", "java.lang.Double", "java.lang.Float");
        check(fields().that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(MONEY)
                .should(new ArchCondition<>("not float") {
                    @Override
                    public void check(JavaField field, ConditionEvents events) {
                        if (floating.contains(field.getRawType().getName())) {
                            events.add(SimpleConditionEvent.violated(field, field.getFullName()));
                        }
                    }
                }));
        check(methods()
                .that()
                .areDeclaredInClassesThat()
                .resideInAnyPackage(MONEY)
                .should(new ArchCondition<>("not take or give float") {
                    @Override
                    public void check(JavaMethod method, ConditionEvents events) {
                        boolean bad =
                                floating.contains(method.getRawReturnType().getName())
                                        || method.getRawParameterTypes().stream()
                                                .anyMatch(type -> floating.contains(type.getName()));
                        if (bad) {
                            events.add(SimpleConditionEvent.violated(method, method.getFullName()));
                        }
                    }
                }));
    }

    @Test
    void busMessagesAreRecordsThatAreNotSerializable() {
        check(fields().that().haveRawType(Topic.class).should(new ArchCondition<>("carry a record") {
            @Override
            public void check(JavaField field, ConditionEvents events) {
                JavaType message = ((JavaParameterizedType) field.getType())
                        .getActualTypeArguments()
                        .getFirst();
                JavaClass type = message.toErasure();
                if (!type.isRecord() || type.isAssignableTo(Serializable.class)) {
                    events.add(
                            SimpleConditionEvent.violated(field, field.getFullName() + " carries " + type.getName()));
                }
            }
        }));
    }

    private static DescribedPredicate<JavaClass> nameEnds(String... endings) {
        return DescribedPredicate.describe(
                "named " + String.join(" or ", endings),
                type -> Arrays.stream(endings).anyMatch(type.getSimpleName()::endsWith));
    }

    private static DescribedPredicate<JavaClass> outermostEnds(String... endings) {
        return DescribedPredicate.describe("inside a class named " + String.join(" or ", endings), type -> {
            JavaClass outer = type;
            while (outer.getEnclosingClass().isPresent()) {
                outer = outer.getEnclosingClass().get();
            }
            String name = outer.getSimpleName();
            return Arrays.stream(endings).anyMatch(name::endsWith);
        });
    }
}
