using SessionManager.Tests.Storage.Crash;

// The tests' own entry point is the test runner's. This is what a test starts to kill.
return await Victim.Run(args);
