using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace SessionManager.Simulation;

/// <summary>Compiles the grains' sources, with a defect in them, by the SDK's own compiler.</summary>
sealed class GrainCompiler : IDisposable
{
    const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    static readonly string Sources = Path.GetFullPath(Path.Combine(Metadata("ProjectDirectory"), "../../src/Grains"));
    readonly string _scratch = Directory.CreateTempSubdirectory("mutations-").FullName;

    /// <summary>The file that the mutation changes, as it is.</summary>
    public static string Source(Mutation mutation) => File.ReadAllText(Path.Combine(Sources, mutation.File)).ReplaceLineEndings("\n");

    /// <exception cref="InvalidOperationException">It does not fit, or does not compile.</exception>
    public byte[] Compile(Mutation mutation)
    {
        var mutated = Path.Combine(Sources, mutation.File);
        var source = Path.Combine(_scratch, "mutated.cs");
        File.WriteAllText(source, mutation.Apply(Source(mutation)));
        var usings = Path.Combine(_scratch, "usings.cs");
        File.WriteAllText(usings, ImplicitUsings);
        var output = Path.Combine(_scratch, "SessionManager.Grains.dll");
        string[] options =
        [
            "-nologo", "-target:library", $"-out:\"{output}\"", "-nullable:enable", "-langversion:latest", "-optimize+", "-deterministic", "-nowarn:1701,1702",
            .. References().Select(reference => $"-reference:\"{reference}\""),
            $"-analyzer:\"{Directory.GetFiles(Pack("Microsoft.AspNetCore.App.Ref"), "Microsoft.Extensions.Logging.Generators.dll", SearchOption.AllDirectories)[0]}\"",
            .. Directory.GetFiles(Sources, "*.cs", SearchOption.AllDirectories).Where(file => file != mutated).Select(file => $"\"{file}\""),
            $"\"{source}\"",
            $"\"{usings}\"",
        ];
        var arguments = Path.Combine(_scratch, "arguments.rsp");
        File.WriteAllLines(arguments, options);
        using var compiler = Process.Start(new ProcessStartInfo(Path.Combine(DotnetRoot, "dotnet"), [Path.Combine(Metadata("Roslyn"), "bincore", "csc.dll"), "-noconfig", $"@{arguments}"])
        {
            RedirectStandardOutput = true,
        })!;
        var messages = compiler.StandardOutput.ReadToEnd();
        compiler.WaitForExit();
        return compiler.ExitCode == 0
            ? File.ReadAllBytes(output)
            : throw new InvalidOperationException($"The mutation '{mutation.Name}' does not compile: {messages}");
    }

    public void Dispose() => Directory.Delete(_scratch, recursive: true);

    static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    static string Metadata(string key) => typeof(GrainCompiler).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == key).Value!;

    static string Pack(string name) => Directory.GetDirectories(Path.Combine(DotnetRoot, "packs", name), "10.*").Order(StringComparer.Ordinal).Last();

    static IEnumerable<string> References() =>
    [
        .. Directory.GetFiles(Path.Combine(Pack("Microsoft.NETCore.App.Ref"), "ref", "net10.0"), "*.dll"),
        .. Directory.GetFiles(Path.Combine(Pack("Microsoft.AspNetCore.App.Ref"), "ref", "net10.0"), "*.dll"),
        Path.Combine(AppContext.BaseDirectory, "SessionManager.Abstractions.dll"),
        .. Directory.GetFiles(AppContext.BaseDirectory, "Orleans*.dll"),
    ];
}
