using SessionManager.Cli;

using var http = new SocketsHttpHandler();
return await CommandLine.Run(args, new Surroundings(
    http, Console.In, Console.Out, Console.Error, Environment.GetEnvironmentVariable, Interactive: !Console.IsInputRedirected));
