using SessionManager.Simulation;

return await CommandLine.Run(args);
