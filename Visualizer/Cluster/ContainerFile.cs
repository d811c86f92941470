namespace CnnOnnx.Visualizer.Cluster;

/// <summary>A Dockerfile for the image that workers run in: the program, the .NET runtime, and what OpenCV links.</summary>
internal static class ContainerFile
{
    /// <summary>Writes the file.</summary>
    /// <param name="program">Folder of the built program, from where the image is built.</param>
    public static string Of(string program) => $"""
        # docker build --tag cnnonnx --file Dockerfile .
        FROM mcr.microsoft.com/dotnet/runtime:10.0
        # OpenCV's windows are drawn with GTK 3, without which its library does not load.
        RUN apt-get update \
         && (apt-get install -y --no-install-recommends libgtk-3-0t64 || apt-get install -y --no-install-recommends libgtk-3-0) \
         && rm -rf /var/lib/apt/lists/*
        COPY {program} /opt/cnnonnx
        ENTRYPOINT ["/opt/cnnonnx/visualizer"]

        """;
}
