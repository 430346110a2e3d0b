"""Java and its kin: archives, and what Maven, Gradle and sbt lock and declare."""
