"""
Groups of well-known artifacts whose archives often come without Maven's own description: public facts, by hand.

An artifact that stands here may still be another's of the same name, so what is had this way is marked as a guess.
"""

import re

EXACT = {
    "activation": "javax.activation",
    "ant": "org.apache.ant",
    "antisamy": "org.owasp.antisamy",
    "antlr": "antlr",
    "aopalliance": "aopalliance",
    "arpack_combined_all": "net.sourceforge.f2j",
    "aspectjrt": "org.aspectj",
    "aspectjweaver": "org.aspectj",
    "avro": "org.apache.avro",
    "axis": "axis",
    "batik-all": "org.apache.xmlgraphics",
    "bsh": "org.beanshell",
    "c3p0": "com.mchange",
    "cglib": "cglib",
    "checker-qual": "org.checkerframework",
    "classmate": "com.fasterxml",
    "derby": "org.apache.derby",
    "dom4j": "dom4j",
    "dubbo": "org.apache.dubbo",
    "ehcache": "net.sf.ehcache",
    "error_prone_annotations": "com.google.errorprone",
    "esapi": "org.owasp.esapi",
    "failureaccess": "com.google.guava",
    "fastjson": "com.alibaba",
    "fastjson2": "com.alibaba.fastjson2",
    "fontbox": "org.apache.pdfbox",
    "fop": "org.apache.xmlgraphics",
    "freemarker": "org.freemarker",
    "gson": "com.google.code.gson",
    "guava": "com.google.guava",
    "guice": "com.google.inject",
    "h2": "com.h2database",
    "hamcrest": "org.hamcrest",
    "hazelcast": "com.hazelcast",
    "hazelcast-all": "com.hazelcast",
    "hikaricp": "com.zaxxer",
    "HikariCP": "com.zaxxer",
    "hive-storage-api": "org.apache.hive",
    "hsqldb": "org.hsqldb",
    "httpasyncclient": "org.apache.httpcomponents",
    "httpclient": "org.apache.httpcomponents",
    "httpcore": "org.apache.httpcomponents",
    "httpmime": "org.apache.httpcomponents",
    "itextpdf": "com.itextpdf",
    "ivy": "org.apache.ivy",
    "j2objc-annotations": "com.google.j2objc",
    "janino": "org.codehaus.janino",
    "javassist": "org.javassist",
    "javax.inject": "javax.inject",
    "javax.mail": "com.sun.mail",
    "javax.servlet-api": "javax.servlet",
    "jaxb-api": "javax.xml.bind",
    "jaxb-impl": "com.sun.xml.bind",
    "jaxen": "jaxen",
    "jdom": "org.jdom",
    "jdom2": "org.jdom",
    "joda-time": "joda-time",
    "json": "org.json",
    "json-path": "com.jayway.jsonpath",
    "json-smart": "net.minidev",
    "jsoup": "org.jsoup",
    "jsr305": "com.google.code.findbugs",
    "jsr311-api": "javax.ws.rs",
    "jstl": "javax.servlet",
    "jta": "javax.transaction",
    "junit": "junit",
    "jython": "org.python",
    "jython-standalone": "org.python",
    "kafka-clients": "org.apache.kafka",
    "kryo": "com.esotericsoftware",
    "libthrift": "org.apache.thrift",
    "liquibase-core": "org.liquibase",
    "listenablefuture": "com.google.guava",
    "log4j": "log4j",
    "lombok": "org.projectlombok",
    "lz4-java": "org.lz4",
    "mail": "javax.mail",
    "mariadb-java-client": "org.mariadb.jdbc",
    "minlog": "com.esotericsoftware",
    "mongo-java-driver": "org.mongodb",
    "mssql-jdbc": "com.microsoft.sqlserver",
    "mysql-connector-j": "com.mysql",
    "mysql-connector-java": "mysql",
    "nimbus-jose-jwt": "com.nimbusds",
    "objenesis": "org.objenesis",
    "ognl": "ognl",
    "okhttp": "com.squareup.okhttp3",
    "okio": "com.squareup.okio",
    "oro": "oro",
    "paranamer": "com.thoughtworks.paranamer",
    "pdfbox": "org.apache.pdfbox",
    "postgresql": "org.postgresql",
    "protobuf-java": "com.google.protobuf",
    "protobuf-java-util": "com.google.protobuf",
    "quartz": "org.quartz-scheduler",
    "quartz-jobs": "org.quartz-scheduler",
    "reactor-core": "io.projectreactor",
    "resteasy-jaxrs": "org.jboss.resteasy",
    "rhino": "org.mozilla",
    "serializer": "xalan",
    "servlet-api": "javax.servlet",
    "snakeyaml": "org.yaml",
    "snappy-java": "org.xerial.snappy",
    "sqlite-jdbc": "org.xerial",
    "stax-api": "stax",
    "stax2-api": "org.codehaus.woodstox",
    "testng": "org.testng",
    "tika-core": "org.apache.tika",
    "tika-parsers": "org.apache.tika",
    "tink": "com.google.crypto.tink",
    "validation-api": "javax.validation",
    "velocity": "org.apache.velocity",
    "velocity-engine-core": "org.apache.velocity",
    "woodstox-core": "com.fasterxml.woodstox",
    "xalan": "xalan",
    "xercesImpl": "xerces",
    "xml-apis": "xml-apis",
    "xmlsec": "org.apache.santuario",
    "xmlunit-core": "org.xmlunit",
    "xpp3_min": "xpp3",
    "xstream": "com.thoughtworks.xstream",
    "xz": "org.tukaani",
    "zookeeper": "org.apache.zookeeper",
    "zstd-jni": "com.github.luben",
    # Commons keep their first group where they had one before org.apache.commons
    "commons-beanutils": "commons-beanutils",
    "commons-cli": "commons-cli",
    "commons-codec": "commons-codec",
    "commons-collections": "commons-collections",
    "commons-configuration": "commons-configuration",
    "commons-daemon": "commons-daemon",
    "commons-dbcp": "commons-dbcp",
    "commons-digester": "commons-digester",
    "commons-discovery": "commons-discovery",
    "commons-el": "commons-el",
    "commons-fileupload": "commons-fileupload",
    "commons-httpclient": "commons-httpclient",
    "commons-io": "commons-io",
    "commons-jxpath": "commons-jxpath",
    "commons-lang": "commons-lang",
    "commons-logging": "commons-logging",
    "commons-net": "commons-net",
    "commons-pool": "commons-pool",
    "commons-validator": "commons-validator",
}

FAMILIES = (
    (r"commons-(?:bcel|collections4|compress|configuration2|crypto|csv|dbcp2|email|exec|fileupload2.*|imaging|jcs.*"
     r"|jexl3?|lang3|math3?|pool2|rng.*|text|vfs2?)", "org.apache.commons"),
    (r"jackson-(?:core|databind|annotations)", "com.fasterxml.jackson.core"),
    (r"jackson-(?:core|mapper|jaxrs|xc)(?:-asl)?", "org.codehaus.jackson"),
    (r"jackson-dataformat-.*", "com.fasterxml.jackson.dataformat"),
    (r"jackson-datatype-.*", "com.fasterxml.jackson.datatype"),
    (r"jackson-module-.*", "com.fasterxml.jackson.module"),
    (r"jackson-jaxrs-.*", "com.fasterxml.jackson.jaxrs"),
    (r"spring-boot.*", "org.springframework.boot"),
    (r"spring-security-.*", "org.springframework.security"),
    (r"spring-data-.*", "org.springframework.data"),
    (r"spring-cloud-.*", "org.springframework.cloud"),
    (r"spring-(?:aop|aspects|beans|context|context-support|core|expression|instrument|jcl|jdbc|jms|messaging|orm|oxm|test"
     r"|tx|web|webflux|webmvc|websocket)", "org.springframework"),
    (r"netty(?:-.*)", "io.netty"),
    (r"log4j-.*", "org.apache.logging.log4j"),
    (r"slf4j-.*|jcl-over-slf4j|jul-to-slf4j|log4j-over-slf4j", "org.slf4j"),
    (r"logback-.*", "ch.qos.logback"),
    (r"tomcat-embed-.*", "org.apache.tomcat.embed"),
    (r"tomcat(?:-.*|)|catalina|coyote", "org.apache.tomcat"),
    (r"jetty-.*", "org.eclipse.jetty"),
    (r"bc(?:prov|pkix|pg|mail|util|tls)-.*", "org.bouncycastle"),
    (r"struts2-.*", "org.apache.struts"),
    (r"shiro-.*", "org.apache.shiro"),
    (r"hadoop-.*", "org.apache.hadoop"),
    (r"spark-.*_2\.\d+", "org.apache.spark"),
    (r"scala-(?:library|reflect|compiler)", "org.scala-lang"),
    (r"kotlin-stdlib.*|kotlin-reflect", "org.jetbrains.kotlin"),
    (r"lucene-.*", "org.apache.lucene"),
    (r"poi(?:-.*|)", "org.apache.poi"),
    (r"cxf-.*", "org.apache.cxf"),
    (r"camel-.*", "org.apache.camel"),
    (r"activemq-.*", "org.apache.activemq"),
    (r"vertx-.*", "io.vertx"),
    (r"grpc-.*", "io.grpc"),
    (r"undertow-.*", "io.undertow"),
    (r"mybatis|mybatis-spring", "org.mybatis"),
    (r"jjwt(?:-.*|)", "io.jsonwebtoken"),
    (r"junit-jupiter.*", "org.junit.jupiter"),
    (r"hibernate-validator", "org.hibernate.validator"),
)  # fmt: skip
"""Whole artifact names as expressions, first fit."""

_FAMILIES = tuple((re.compile(f"(?:{pattern})\\Z"), group) for pattern, group in FAMILIES)


def known(artifact: str, version: str) -> str:
    """The group of an artifact, empty when it is not known. Some have moved between versions."""
    major = re.match(r"\d{1,6}", version)
    number = int(major[0]) if major else 0
    match artifact:
        case "asm" | "asm-all" | "asm-tree" | "asm-commons" | "asm-util" | "asm-analysis" | "asm-xml":
            return "org.ow2.asm" if number >= 4 else "asm"
        case _ if artifact.startswith("groovy"):
            return "org.apache.groovy" if number >= 4 else "org.codehaus.groovy"
        case "hibernate-core" | "hibernate-entitymanager":
            return "org.hibernate.orm" if number >= 6 else "org.hibernate"
        case "jackson-core-asl" | "jackson-mapper-asl":
            return "org.codehaus.jackson"
        case "stax-api" if version == "1.0-2":
            return "javax.xml.stream"
        case "okhttp" if number < 3:
            return "com.squareup.okhttp"
        case "dom4j" if number >= 2:
            return "org.dom4j"
        case "log4j-over-slf4j":
            return "org.slf4j"
    if group := EXACT.get(artifact):
        return group
    return next((group for pattern, group in _FAMILIES if pattern.match(artifact)), "")
